"""What ALTER does, read from PostgreSQL's own parse tree. See tree_effects.py."""

from tree_names import names, relation, text

RENAMES = {"OBJECT_TABLE": "rename-table", "OBJECT_FOREIGN_TABLE": "rename-table", "OBJECT_TYPE": "rename-type", "OBJECT_DOMAIN": "rename-type",
           "OBJECT_COLUMN": "rename-column", "OBJECT_ATTRIBUTE": "rename-column"}
# The rule's last words, and what a constraint without a name is called.
ADDED_CONSTRAINTS = {"CONSTR_FOREIGN": ("foreign-key", "foreign"), "CONSTR_CHECK": ("check", "check"), "CONSTR_UNIQUE": ("unique", "unique"),
                     "CONSTR_PRIMARY": ("unique", "primary"), "CONSTR_EXCLUSION": ("unique", "exclude")}
TEXTS = {"text", "varchar"}
REWRITES = {"AT_SetLogged", "AT_SetUnLogged", "AT_SetTableSpace", "AT_SetAccessMethod", "AT_SetExpression"}
ROW_SECURITY = {"AT_DisableRowSecurity": "disable-row-security", "AT_EnableRowSecurity": "enable-row-security"}
SERIALS = {"serial", "serial2", "serial4", "serial8", "smallserial", "bigserial"}


class AlterEffects:
    """ALTER of everything; add, add_part and add_either are tree_effects.Effects'."""

    def on_AlterTableStmt(self, node):
        table = relation(node["relation"])
        of = node.get("objtype", node.get("relkind", "OBJECT_TABLE"))
        for command in node["cmds"]:
            self.alter(table, command["AlterTableCmd"], of)

    def alter(self, table, command, of):
        kind, name = command.get("subtype", ""), command.get("name", "")
        definition = command.get("def", {})
        tables = of in ("OBJECT_TABLE", "OBJECT_FOREIGN_TABLE")
        if command.get("behavior") == "DROP_CASCADE":
            self.add_part("drop-cascade", table, name, must=False)
        if kind == "AT_DropColumn":
            self.add_part("drop-column", table, name)
        elif kind == "AT_AlterColumnType":
            target = definition["ColumnDef"]["typeName"]
            any_length = names(target["names"])[-1] in TEXTS and "typmods" not in target and "arrayBounds" not in target
            self.add_part("alter-column-type", table, name, must=tables)
            self.add_part("lossy-type-change", table, name, must=tables)
            # Whether values fit depends on the type before, which no tree shows; text takes every value.
            self.add_part("risky-cast", table, name, must=tables and not any_length)
        elif kind == "AT_SetNotNull":
            self.add_part("set-not-null", table, name, must=tables)
        elif kind == "AT_DropNotNull":
            self.add_part("drop-not-null", table, name, must=tables)
        elif kind == "AT_ColumnDefault":
            # To PostgreSQL a default of NULL is none.
            none = not definition or definition.get("A_Const", {}).get("isnull") or "Null" in definition.get("A_Const", {}).get("val", {})
            self.add_part("drop-default" if none else "set-default", table, name, must=tables)
        elif kind == "AT_DropConstraint":
            self.add_part("drop-constraint", table, name)
            # Whether it is the primary key stands in the database, or in its name.
            self.add_part("primary-key-change", table, name, must=False)
        elif kind in ROW_SECURITY:
            self.add(ROW_SECURITY[kind], table)
        elif kind.startswith("AT_DisableTrig") or kind == "AT_DisableRule":
            self.add("disable-trigger", None, must=kind != "AT_DisableRule")
        elif kind == "AT_SetIdentity":
            restarts = any(option["DefElem"]["defname"] == "restart" for option in definition.get("List", {}).get("items", []))
            self.add("restart-sequence", None, must=restarts)
        elif kind in ("AT_DropIdentity", "AT_DropExpression"):
            self.add_part("drop-default", table, name, must=tables)
        elif kind == "AT_ValidateConstraint":
            self.add_part("validate-constraint", table, name)
        elif kind in REWRITES:
            self.add("rewrite-table", table, must=False)
            self.add_part("rewrite-table", table, name, must=False)
        elif kind in ("AT_DetachPartition", "AT_AttachPartition"):
            partition = definition.get("PartitionCmd", definition)
            rule = "detach-partition-blocking" if kind == "AT_DetachPartition" else "attach-partition-blocking"
            self.add_either(rule, table, relation(partition["name"]), must=not partition.get("concurrent") and of != "OBJECT_INDEX")
        elif kind == "AT_AddConstraint":
            self.constraint(table, definition["Constraint"])
        elif kind == "AT_AddColumn":
            self.column(table, definition["ColumnDef"], of)

    def constraint(self, table, node, column=None):
        rule, unnamed = ADDED_CONSTRAINTS.get(node.get("contype"), (None, None))
        name = node.get("conname") or column or unnamed
        # A constraint that stands with a new column is checked over its default alone.
        must = column is None and not node.get("skip_validation") and not node.get("indexname")
        if rule:
            for found in (f"add-{rule}-blocking", f"add-{rule}"):
                self.add_part(found, table, name, must=must)
        if node.get("contype") == "CONSTR_PRIMARY":
            self.add_part("primary-key-change", table, name, must=must)
        if node.get("contype") == "CONSTR_NOTNULL":
            for key in node.get("keys", []):
                self.add_part("set-not-null", table, text(key), must=must)

    def column(self, table, node, of):
        name = node.get("colname", "")
        constraints = [item["Constraint"] for item in node.get("constraints", [])]
        kinds = {item.get("contype") for item in constraints}
        self.add_part("add-column", table, name, must=of == "OBJECT_TABLE")
        # Of a domain; whether the type is one is in no tree.
        self.add_part("rewrite-table", table, name, must=False)
        filled = kinds & {"CONSTR_DEFAULT", "CONSTR_IDENTITY", "CONSTR_GENERATED"}
        is_serial = names(node.get("typeName", {}).get("names", []))[-1:] and names(node["typeName"]["names"])[-1] in SERIALS
        if kinds & {"CONSTR_NOTNULL", "CONSTR_PRIMARY"}:
            must = "CONSTR_NOTNULL" in kinds and not filled and not is_serial and of == "OBJECT_TABLE"
            self.add_part("add-required-column", table, name, must=must)
        self.add_part("add-generated-column", table, name, must="CONSTR_GENERATED" in kinds and of == "OBJECT_TABLE")
        drawn = bool(kinds & {"CONSTR_IDENTITY"} or is_serial)
        self.add_part("add-column-volatile-default", table, name, must=drawn and of == "OBJECT_TABLE")
        for item in constraints:
            self.constraint(table, item, name)

    def on_AlterDomainStmt(self, node):
        parts = names(node["typeName"])
        rule = {"X": "drop-constraint", "N": "drop-not-null", "O": "set-not-null", "T": "drop-default", "C": "add-check-blocking",
                "V": "validate-constraint"}.get(node.get("subtype"))
        if rule:
            for found in {"C": (rule, "add-check", "set-not-null"), "V": (rule, "add-check-blocking")}.get(node.get("subtype"), ()):
                self.add_part(found, parts, None, must=False)
                self.add(found, parts, must=False)
            self.add_part(rule, parts, node.get("name") or None, must=False)
            self.add(rule, parts, must=False)

    def on_AlterEnumStmt(self, node):
        if "oldVal" in node:
            self.add_part("rename-enum-value", names(node["typeName"]), node["oldVal"])
        else:
            self.add("add-enum-value", None)

    def on_AlterSeqStmt(self, node):
        if any(option["DefElem"]["defname"] == "restart" for option in node.get("options", [])):
            self.add("restart-sequence", relation(node["sequence"]))

    def on_RenameStmt(self, node):
        kind = node.get("renameType", "")
        rule = RENAMES.get(kind)
        if kind in ("OBJECT_TABLE", "OBJECT_FOREIGN_TABLE"):
            self.add(rule, relation(node["relation"]))
        elif kind in ("OBJECT_VIEW", "OBJECT_MATVIEW"):
            self.add("rename-table", relation(node["relation"]), must=False)
        elif kind in ("OBJECT_COLUMN", "OBJECT_ATTRIBUTE"):
            must = kind == "OBJECT_COLUMN" and node.get("relationType") in ("OBJECT_TABLE", "OBJECT_FOREIGN_TABLE")
            self.add_part(rule, relation(node["relation"]), node["subname"], must=must)
        elif rule:
            parts = node["object"]
            self.add(rule, names(parts.get("List", {}).get("items", [])) or names(parts["TypeName"]["names"]), must=kind == "OBJECT_TYPE")
        if not rule:
            self.add("rename-object", None, must=kind != "OBJECT_DOMCONSTRAINT")

    def on_AlterObjectSchemaStmt(self, node):
        if "relation" in node:
            self.add("rename-table", relation(node["relation"]), must=node.get("objectType") == "OBJECT_TABLE")
        elif node.get("objectType") in ("OBJECT_TYPE", "OBJECT_DOMAIN"):
            self.add("rename-type", names(node["object"]["List"]["items"]))
        if node.get("objectType") not in ("OBJECT_TABLE", "OBJECT_TYPE", "OBJECT_DOMAIN"):
            self.add("rename-object", None, must=node.get("objectType") != "OBJECT_FOREIGN_TABLE")
