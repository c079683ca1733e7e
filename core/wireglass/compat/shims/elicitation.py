"""`fastmcp.server.elicitation`: the parts of an elicitation as functions of their own."""

from typing import Any

from wireglass.server.elicitation import AcceptedElicitation, Question, check_form, plan_question

__all__ = [
    "get_elicitation_schema",
    "handle_elicit_accept",
    "parse_elicit_response_type",
    "validate_elicitation_json_schema",
]


def get_elicitation_schema(response_type: type[Any]) -> dict[str, Any]:
    """The form of an answer type. Raises TypeError for what forms cannot show."""
    return plan_question(response_type).schema


def validate_elicitation_json_schema(schema: dict[str, Any]) -> None:
    """Raises TypeError when a form cannot show the schema."""
    check_form(schema)


def parse_elicit_response_type(
    response_type: Any, response_title: str | None = None, response_description: str | None = None
) -> Question:
    """What is asked for an answer type, and how its answer is read."""
    return plan_question(response_type, title=response_title, description=response_description)


def handle_elicit_accept(config: Question, content: Any) -> AcceptedElicitation[Any]:
    """The typed answer. Raises pydantic.ValidationError, or ValueError for an answer to a question without fields."""
    if config.adapter is None:
        if content:
            raise ValueError(f"The question has no fields, but was answered with {content!r}.")
        return AcceptedElicitation(data={})
    value = content.get("value") if config.wrapped else content
    return AcceptedElicitation(data=config.adapter.validate_python(value))
