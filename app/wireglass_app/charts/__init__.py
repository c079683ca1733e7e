"""Painted views of time: lanes, the brush above them, the waterfall. They draw what models hold and call nobody."""
