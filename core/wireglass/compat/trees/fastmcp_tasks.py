"""`fastmcp_tasks`: the companion package for tasks, so that files which import it load."""

from wireglass.compat.trees import Tree, parse_modules, parse_names

__all__ = ["TREE"]

_MODULES = """
client client_models components context creation decorators dependencies encryption extension handlers input_loop
input_store keys lifespan models runner settings wire_production worker worker_cli
"""

_NAMES = parse_names("wireglass.server.components: TaskConfig")

TREE = Tree("fastmcp_tasks", "fastmcp-tasks", parse_modules(_MODULES), _NAMES)
