"""What a statement does, read from PostgreSQL's own parse tree (the JSON of libpg_query) and from nothing of ours.

An effect is a dict: rule (the id of the finding it must cause), objects (the names it may go by, each a list of parts; none: any name),
must (False: a finding is allowed but not asked for) and body (True: inside of a DO block or a routine).
"""

from alter_effects import RENAMES, AlterEffects
from tree_names import names, relation, text

DROPS = {
    "OBJECT_TABLE": "drop-table", "OBJECT_SCHEMA": "drop-schema", "OBJECT_MATVIEW": "drop-materialized-view",
    "OBJECT_VIEW": "drop-view", "OBJECT_INDEX": "drop-index", "OBJECT_SEQUENCE": "drop-sequence", "OBJECT_TYPE": "drop-type",
    "OBJECT_DOMAIN": "drop-type", "OBJECT_EXTENSION": "drop-extension", "OBJECT_FUNCTION": "drop-function", "OBJECT_PROCEDURE": "drop-function",
    "OBJECT_ROUTINE": "drop-function", "OBJECT_AGGREGATE": "drop-function", "OBJECT_TRIGGER": "drop-trigger", "OBJECT_POLICY": "drop-policy",
}
# Findings of other rules are not judged here: what they say is not in the tree (types before, live data, other statements).
JUDGED = set(DROPS.values()) | set(RENAMES.values()) | {
    "drop-column", "drop-database", "drop-cascade", "truncate", "delete-rows", "delete-without-where", "update-rows", "update-without-where",
    "alter-column-type", "lossy-type-change", "risky-cast", "set-not-null", "drop-not-null", "drop-default", "drop-constraint", "add-required-column",
    "add-foreign-key-blocking", "add-check-blocking", "add-unique-blocking", "add-foreign-key", "add-check", "add-unique", "create-index-blocking",
    "drop-index-blocking", "reindex-blocking", "refresh-blocking", "vacuum-full", "cluster", "lock-table", "detach-partition-blocking",
    "rename-enum-value", "disable-row-security", "create-index", "create-table", "add-column", "insert", "do-block", "unknown-statement",
    "dynamic-sql", "comment", "primary-key-change", "validate-constraint", "rewrite-table", "attach-partition-blocking",
    "drop-object", "rename-object", "grant", "revoke", "restart-sequence", "set-default", "add-enum-value", "add-generated-column",
    "add-column-volatile-default", "enable-row-security", "disable-trigger",
}


def where_rule(kind, node):
    some = node.keys() & {"usingClause", "fromClause"} or not is_true(node.get("whereClause"))
    return f"{kind}-rows" if some else f"{kind}-without-where"


def is_true(where):
    """A condition that every row fits: none, true, or a literal that equals itself."""
    if where is None:
        return True
    if "A_Const" in where:
        constant = where["A_Const"]
        return "boolval" in constant and constant["boolval"].get("boolval") is True
    if "TypeCast" in where:
        # Before PostgreSQL 15 the parser makes 't'::bool of true.
        return "'t'" in str(where) and "bool" in str(where) and "location': -1" in str(where)
    equals = where.get("A_Expr", {})
    if equals.get("kind") != "AEXPR_OP" or text(equals["name"][0]) != "=" or not all("A_Const" in equals.get(side, {}) for side in ("lexpr", "rexpr")):
        return False
    left, right = ({key: value for key, value in equals[side]["A_Const"].items() if key != "location"} for side in ("lexpr", "rexpr"))
    return left == right


class Effects(AlterEffects):
    """Collects the effects of one statement; search_path is where names without a schema live."""

    def __init__(self, search_path=None):
        self.search_path = search_path
        self.found = []
        self.must = True
        self.body = False

    def add(self, rule, parts, must=True, in_schema=True):
        self.found.append({"rule": rule, "objects": [self.named(parts, in_schema)] if parts else [], "must": must and self.must, "body": self.body})

    def named(self, parts, in_schema=True):
        """Without a schema the search path decides; public is not said, nor is the database."""
        if in_schema and len(parts) == 1 and self.search_path:
            parts = [self.search_path] + parts
        return parts[-2:] if parts[-2:][0] != "public" else parts[-1:]

    def add_part(self, rule, table, part, must=True):
        self.add(rule, table, must)
        self.found[-1]["objects"] = [self.named(table) + [part]]

    def add_either(self, rule, *objects, must=True):
        """The effect may go by any of these names."""
        self.add(rule, None, must)
        self.found[-1]["objects"] = [made for parts in objects for made in (self.named(parts), parts)]

    def statement(self, node):
        for kind, value in node.items():
            method = getattr(self, "on_" + kind, None)
            if method:
                method(value)
            else:
                self.inside(value)

    def inside(self, value):
        """Statements can stand anywhere below another: in CTEs, COPY (…), EXPLAIN, CREATE TABLE AS, CREATE SCHEMA."""
        if isinstance(value, list):
            for item in value:
                self.inside(item)
        elif isinstance(value, dict):
            for kind, item in value.items():
                method = getattr(self, "on_" + kind, None)
                if method:
                    method(item)
                else:
                    self.inside(item)

    def optional(self, value):
        must, self.must = self.must, False
        self.inside(value)
        self.must = must

    def on_FuncCall(self, node):
        if names(node["funcname"])[-1] == "setval":
            self.add("restart-sequence", None, must=False)
        self.inside(node)

    # What drops and empties

    def on_DropStmt(self, node):
        kind = node.get("removeType", "")
        cascade = node.get("behavior") == "DROP_CASCADE"
        for wrapped in node["objects"]:
            shape, value = next(iter(wrapped.items()))
            if shape == "List":
                parts = names(value["items"])
            elif shape == "TypeName":
                parts = names(value["names"])
            elif shape == "ObjectWithArgs":
                parts = names(value["objname"])
            else:
                parts = [text(wrapped)]
            if kind in ("OBJECT_TYPE", "OBJECT_DOMAIN") and parts[0] == "pg_catalog":
                parts = None
            rule = DROPS.get(kind)
            if kind == "OBJECT_EVENT_TRIGGER":
                self.add("drop-trigger", parts, must=False, in_schema=False)
            plain = kind in ("OBJECT_SCHEMA", "OBJECT_EXTENSION")
            if not rule:
                self.add("drop-object", None, must=kind != "OBJECT_EVENT_TRIGGER")
            if kind in ("OBJECT_TRIGGER", "OBJECT_POLICY"):
                self.add_part(rule, parts[:-1], parts[-1])
            elif rule:
                self.add(rule, parts, in_schema=not plain)
            if kind == "OBJECT_INDEX":
                self.add("drop-index-blocking", parts, must=not node.get("concurrent"))
            if cascade:
                self.add("drop-cascade", parts, must=kind in ("OBJECT_TYPE", "OBJECT_DOMAIN", "OBJECT_EXTENSION"), in_schema=not plain)

    def on_DropdbStmt(self, node):
        self.add("drop-database", [node["dbname"]], in_schema=False)

    def on_DropRoleStmt(self, node):
        self.add("drop-object", None)

    on_DropTableSpaceStmt = on_DropSubscriptionStmt = on_DropUserMappingStmt = on_DropRoleStmt

    def on_DropOwnedStmt(self, node):
        for role in node["roles"]:
            self.add("drop-cascade", None)

    def on_TruncateStmt(self, node):
        for table in node["relations"]:
            self.add("truncate", relation(table))
            self.add("drop-cascade", relation(table), must=False)

    # What changes rows

    def on_DeleteStmt(self, node):
        self.add(where_rule("delete", node), relation(node["relation"]))
        self.inside(node)

    def on_UpdateStmt(self, node):
        self.add(where_rule("update", node), relation(node["relation"]))
        self.inside(node)

    def on_InsertStmt(self, node):
        self.add("insert", relation(node["relation"]))
        conflict = node.get("onConflictClause", {})
        if conflict.get("action") == "ONCONFLICT_UPDATE":
            self.add("update-rows", relation(node["relation"]))
        self.inside(node)

    def on_MergeStmt(self, node):
        kinds = {self.merge_kind(clause["MergeWhenClause"]) for clause in node.get("mergeWhenClauses", [])}
        for kind, rule in (("CMD_DELETE", "delete-rows"), ("CMD_UPDATE", "update-rows"), ("CMD_INSERT", "insert")):
            if kind in kinds:
                self.add(rule, relation(node["relation"]))
        self.inside(node)

    @staticmethod
    def merge_kind(clause):
        return clause.get("commandType")

    def on_CopyStmt(self, node):
        if node.get("is_from") and "relation" in node:
            self.add("insert", relation(node["relation"]))
        self.inside(node)

    def on_ExplainStmt(self, node):
        runs = any(option["DefElem"]["defname"] == "analyze" for option in node.get("options", []))
        self.inside(node["query"]) if runs else self.optional(node["query"])

    def on_RuleStmt(self, node):
        """A rule's actions happen to whoever writes to its table later."""
        self.optional(node)

    # Indexes, locks and what rewrites

    def on_IndexStmt(self, node):
        called = [[node["idxname"]]] if node.get("idxname") else [relation(node["relation"])]
        self.add_either("create-index", *called, must=bool(node.get("concurrent")))
        self.add_either("create-index-blocking", *called, must=not node.get("concurrent"))
        if node.get("unique"):
            self.add_either("add-unique", *called)

    def on_ReindexStmt(self, node):
        options = [option["DefElem"] for option in node.get("params", [])]
        concurrent = node.get("concurrent") or any(option["defname"] == "concurrently" for option in options)
        self.add("reindex-blocking", relation(node["relation"]) if "relation" in node else None, must=not concurrent)

    def on_VacuumStmt(self, node):
        options = [option["DefElem"] for option in node.get("options", [])]
        full = [option for option in options if option["defname"] == "full"]
        if full and node.get("is_vacuumcmd"):
            on = not full[0].get("arg") or text(full[0]["arg"]).lower() not in ("false", "off", "0", "no")
            for wrapped in node.get("rels", [{}]):
                table = wrapped.get("VacuumRelation", {}).get("relation")
                self.add("vacuum-full", relation(table) if table else None, must=on)

    def on_ClusterStmt(self, node):
        self.add("cluster", relation(node["relation"]) if "relation" in node else None)

    def on_RefreshMatViewStmt(self, node):
        self.add("refresh-blocking", relation(node["relation"]), must=not node.get("concurrent"))

    def on_LockStmt(self, node):
        for table in node["relations"]:
            self.add("lock-table", relation(table))

    # What is made

    def on_CreateStmt(self, node):
        self.add("create-table", relation(node["relation"]))
        if "partbound" in node:
            self.add("attach-partition-blocking", relation(node["relation"]))
        for element in node.get("tableElts", []):
            constraint = element.get("Constraint", {})
            if constraint.get("contype") == "CONSTR_FOREIGN":
                self.constraint(relation(node["relation"]), constraint, column="foreign")
            for item in element.get("ColumnDef", {}).get("constraints", []):
                self.constraint(relation(node["relation"]), item["Constraint"], column=element["ColumnDef"]["colname"])

    def on_CreateForeignTableStmt(self, node):
        self.add("create-table", relation(node["base"]["relation"]), must=False)
        if "partbound" in node["base"]:
            self.add("attach-partition-blocking", relation(node["base"]["relation"]))

    def on_CreateTableAsStmt(self, node):
        view = node.get("objtype", node.get("relkind")) == "OBJECT_MATVIEW"
        self.add("create-table", relation(node["into"]["rel"]), must=not view)
        self.inside(node["query"])

    def on_SelectStmt(self, node):
        if "intoClause" in node:
            self.add("create-table", relation(node["intoClause"]["rel"]), must=False)
        self.inside(node)

    def on_GrantStmt(self, node):
        self.add("grant" if node.get("is_grant") else "revoke", None)

    on_GrantRoleStmt = on_GrantStmt

    def on_CommentStmt(self, node):
        self.add("comment", None)

    def on_SecLabelStmt(self, node):
        self.add("comment", None, must=False)

    def on_CreateSchemaStmt(self, node):
        """What stands in it is made in the new schema."""
        outer, self.search_path = self.search_path, node.get("schemaname") or node.get("authrole", {}).get("rolename")
        self.inside(node.get("schemaElts"))
        self.search_path = outer

    def on_VariableSetStmt(self, node):
        if node.get("name") == "session_replication_role":
            self.add("disable-trigger", None, must=False)

    # Code

    def on_CallStmt(self, node):
        self.add("dynamic-sql", None, must=False)

    def on_ExecuteStmt(self, node):
        self.add("dynamic-sql", None, must=False)

    def on_DoStmt(self, node):
        self.add("do-block", None)

    def on_CreateFunctionStmt(self, node):
        """BEGIN ATOMIC bodies stand in the tree; those in quotes are read by the caller."""
        body, self.body = self.body, True
        self.inside(node.get("sql_body"))
        self.body = body
