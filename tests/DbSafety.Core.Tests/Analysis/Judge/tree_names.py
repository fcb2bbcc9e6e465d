"""Names as they stand in the JSON of a parse tree."""


def text(node):
    """The string in a String node, whichever version's tree it stands in."""
    node = node.get("String", node)
    return node.get("sval", node.get("str", ""))


def names(nodes):
    return [text(node) for node in nodes]


def relation(node):
    node = node.get("RangeVar", node)
    return ([node["schemaname"]] if node.get("schemaname") else []) + [node.get("relname", "")]
