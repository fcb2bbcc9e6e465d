namespace DbSafety.Errors;

/// <summary>
/// Every error DbSafety can raise. Codes are grouped by room: 1xx servers and tools, 2xx backups,
/// 3xx restores, 4xx migrations, 5xx Docker, 9xx everything else. A code is never used again for something else.
/// </summary>
public static class ErrorCatalogue
{
    // 1xx: servers, databases, tools
    public static readonly ErrorDefinition ServerUnreachable = new("DBS101", ErrorKind.Missing,
        "cannot reach PostgreSQL at {0}: {1}", "Check that the server runs and that host and port are right: pg_isready -h HOST -p PORT.");
    public static readonly ErrorDefinition LoginFailed = new("DBS102", ErrorKind.Missing,
        "{0} refused the login: {1}", "Check user and password. The password can come from the URL, PGPASSWORD, a password file or an env file.");
    public static readonly ErrorDefinition DatabaseUnknown = new("DBS103", ErrorKind.Missing,
        "there is no database {1} on {0}", "The databases there are: {2}.");
    public static readonly ErrorDefinition ConnectionLost = new("DBS104", ErrorKind.Missing,
        "the connection to {0} was lost: {1}", "Look at the server's log. Nothing was published; run the command again when the server is back.");
    public static readonly ErrorDefinition TargetInvalid = new("DBS105", ErrorKind.Usage,
        "{0} does not say which database is meant: {1}", "Give a URL (postgres://user@host:5432/name), a container, or PGHOST, PGPORT, PGUSER and PGDATABASE.");
    public static readonly ErrorDefinition EnvFileInvalid = new("DBS106", ErrorKind.Usage,
        "{0} gives no database: {1}", "The file needs a line DATABASE_URL=postgres://… .");
    public static readonly ErrorDefinition QueryFailed = new("DBS107", ErrorKind.Failed,
        "{0} answered with an error: {1}", "Nothing further was done. {2}");
    public static readonly ErrorDefinition PermissionDenied = new("DBS108", ErrorKind.Refused,
        "the role has not the right it needs on {0}: {1}", "{2}");
    public static readonly ErrorDefinition ToolMissing = new("DBS110", ErrorKind.Missing,
        "{0} was not found on this machine", "Install PostgreSQL's client programs ({1}) or set DBSAFETY_PG_BIN to the folder they are in.");
    public static readonly ErrorDefinition ToolTooOld = new("DBS111", ErrorKind.Missing,
        "{0} {1} is older than the server, which is PostgreSQL {2}", "Install {0} {2} or newer (Debian: postgresql-client-{2}), or set DBSAFETY_PG_BIN to the folder it is in.");
    public static readonly ErrorDefinition ToolFailed = new("DBS112", ErrorKind.Failed,
        "{0} ended with exit code {1}: {2}", "The last lines of its own output are above; nothing was published.");
    public static readonly ErrorDefinition ToolKilled = new("DBS113", ErrorKind.Failed,
        "{0} was killed (signal {1}) before it was done", "Look for memory pressure (dmesg) or an operator; nothing was published. Run the command again.");
    public static readonly ErrorDefinition LockTimeout = new("DBS114", ErrorKind.Failed,
        "could not lock {0} within {1}: {2}", "Wait for the session that holds it, or end it with pg_terminate_backend(pid).");
    public static readonly ErrorDefinition AnotherRun = new("DBS115", ErrorKind.Refused,
        "another DbSafety run is working on {0}: {1}", "Wait until it is done. Nothing was touched.");
    public static readonly ErrorDefinition NoRoom = new("DBS117", ErrorKind.Refused,
        "{0} has {1} left, and {2} takes at least {3}", "Make room there, or use another disk. Databases kept by restores (…_before_…) and old backups take room too (--keep-days, backup remove). Nothing was touched.");
    public static readonly ErrorDefinition ScratchUnavailable = new("DBS116", ErrorKind.Missing,
        "no throwaway PostgreSQL {1} can be started for {0}: {2}", "Install the server binaries (Debian: apt-get install postgresql-{1}).");
    public static readonly ErrorDefinition TransactionPooler = new("DBS120", ErrorKind.Refused,
        "{0} is a connection pooler in transaction or statement mode: {1}", "Connect to the server itself, or to the pooler in session mode: settings, locks and snapshots would stay on server sessions that other clients use. {2}");
    public static readonly ErrorDefinition PoolerUnproven = new("DBS121", ErrorKind.Refused,
        "{0} is a connection pooler, and it could not be proven that each connection has a server session of its own: {1}", "Connect to the server itself. In session mode, the pool must have free server sessions. {2}");
    public static readonly ErrorDefinition PoolerOptions = new("DBS122", ErrorKind.Refused,
        "{0} is a connection pooler that does not pass on startup parameters: {1}", "Connect to the server itself; for restores in session mode, PgBouncer's ignore_startup_parameters can contain options. {2}");
    public static readonly ErrorDefinition PoolerKeepsSettings = new("DBS123", ErrorKind.Refused,
        "{0} is a connection pooler that does not reset the settings of a closed connection", "Connect to the server itself, or set PgBouncer's server_reset_query to DISCARD ALL. {1}");
    public static readonly ErrorDefinition ConnectionSettingUnsupported = new("DBS124", ErrorKind.Usage,
        "{0} has a setting that is not supported: {1}", "Remove it, or replace it with a setting of libpq (https://www.postgresql.org/docs/current/libpq-connect.html). It is not ignored, because the connection could then lead to another database or be less safe than asked for.");
    public static readonly ErrorDefinition EnvVariableUnresolved = new("DBS125", ErrorKind.Usage,
        "the value of {1} in {0} is not clear: {2}", "Set the variable, give it a default (${{NAME:-default}}), or write the value in full. A $ that belongs to the value is %24 in a URL.");
    public static readonly ErrorDefinition DatabaseNotNamed = new("DBS126", ErrorKind.Usage,
        "{0} names no database", "Add its name to the URL (postgres://user@host:5432/name), or specify the database.");
    public static readonly ErrorDefinition WireSettingInvalid = new("DBS127", ErrorKind.Usage,
        "{1} of {0} cannot be used: {2}", "See https://www.postgresql.org/docs/current/libpq-ssl.html. Nothing was sent to a server.");
    public static readonly ErrorDefinition CertificateRefused = new("DBS128", ErrorKind.Refused,
        "the certificate of {0} is not accepted (sslmode={1}): {2}", "Check sslrootcert and the host's name. Nothing was sent to the server.");
    public static readonly ErrorDefinition NoServerFits = new("DBS129", ErrorKind.Missing,
        "none of the servers {0} can be used (target_session_attrs={1}): {2}", "Check that the servers run, or name the one to use.");
    public static readonly ErrorDefinition ToolIgnoresSetting = new("DBS131", ErrorKind.Missing,
        "{0} before version {1} ignores {2}, and the newest one here is of version {3}", "Install client programs of PostgreSQL {1} or later, or name their folder in DBSAFETY_PG_BIN.");
    public static readonly ErrorDefinition OtherDatabaseOverLive = new("DBS130", ErrorKind.Refused,
        "the backup is of database {1}, and {0} exists on {2}", "Choose a backup of {0}, restore it under a name that does not exist, or specify that it may replace {0} (--allow-other-database, -AllowOtherDatabase). Nothing was changed.");
    public static readonly ErrorDefinition ExtensionBound = new("DBS132", ErrorKind.Refused,
        "the extension {1} can be created in database {2} of {0} only, and a restore fills a new database", "{3} Nothing was changed.");

    public static readonly ErrorDefinition EventTriggersOfOthers = new("DBS133", ErrorKind.Refused,
        "{0} has event triggers that this role cannot drop, and a restore in place replaces all event triggers: {1}", "Restore in place as a superuser. Or have a superuser save their definitions (pg_dump --schema-only), drop them before the restore ({2}) and create them again after it. Nothing was changed.");
    public static readonly ErrorDefinition ScriptActsOnServer = new("DBS134", ErrorKind.Refused,
        "{0} acts on the whole server, or outside of it: {1}", "pg_dump writes no such statement for a database. Remove it from the script, or run it yourself with psql and restore a copy of the script without it. Nothing was touched.");
    public static readonly ErrorDefinition ScriptHasGlobalsOnly = new("DBS135", ErrorKind.Refused,
        "{0} holds roles and tablespaces only, and no database", "Run it with psql where its roles are to be created: psql -d postgres -f FILE. Nothing was touched.");
    public static readonly ErrorDefinition RowsOfForeignTable = new("DBS138", ErrorKind.Refused,
        "restoring {0} writes rows to another server, through the foreign tables {1}", "Dump without their rows (pg_dump without --include-foreign-data), or restore the dump with pg_restore or psql. Nothing was touched.");
    public static readonly ErrorDefinition TooFewConnections = new("DBS136", ErrorKind.Refused,
        "{0} has too few free connections: {1} needs {2}, and {3}", "End idle sessions (pg_stat_activity), or raise the limit: ALTER ROLE … CONNECTION LIMIT, ALTER DATABASE … CONNECTION LIMIT, or max_connections. Nothing was changed.");
    public static readonly ErrorDefinition TooManyConnections = new("DBS137", ErrorKind.Missing,
        "{0} accepts no more connections: {1}", "End idle sessions (pg_stat_activity), or raise the limit: ALTER ROLE … CONNECTION LIMIT, ALTER DATABASE … CONNECTION LIMIT, or max_connections.");

    // 2xx: backups
    public static readonly ErrorDefinition DestinationUnusable = new("DBS201", ErrorKind.Missing,
        "cannot write to {0}: {1}", "Give a folder that exists or can be made, and that this user may write to.");
    public static readonly ErrorDefinition DiskFull = new("DBS202", ErrorKind.Failed,
        "the disk of {0} is full", "The partial file was removed and older backups were not touched. Free some room and run the command again.");
    public static readonly ErrorDefinition BackupNotFound = new("DBS203", ErrorKind.Missing,
        "there is no backup at {0}", "Give the path of a manifest (.json) or of a payload beside its manifest.");
    public static readonly ErrorDefinition BackupDamaged = new("DBS204", ErrorKind.Verification,
        "the backup {0} is damaged: {1}", "Do not restore from it. Take another one, and find out what damaged this one.");
    public static readonly ErrorDefinition ManifestMissing = new("DBS205", ErrorKind.Verification,
        "{0} has no manifest beside it, so it is not a backup that was finished", "A set is its payload and its .json. Without the manifest nothing can be proven about it.");
    public static readonly ErrorDefinition CountsDisagree = new("DBS206", ErrorKind.Verification,
        "the dump of {0} does not hold what the database holds: {1}", "The backup was not published. Run it again; if it happens twice, this is a defect of DbSafety or of pg_dump.");
    public static readonly ErrorDefinition ManifestTooNew = new("DBS208", ErrorKind.Usage,
        "{0} was written by a newer DbSafety (format {1})", "Update DbSafety on this machine, or restore the payload with the stock tools.");
    public static readonly ErrorDefinition CompressionUnavailable = new("DBS209", ErrorKind.Missing,
        "{0} needs zstd, and this machine has no libzstd", "Install it (Debian: apt-get install libzstd1), or unpack the payload where it is.");
    public static readonly ErrorDefinition SchemaChangedMeanwhile = new("DBS210", ErrorKind.Failed,
        "tables of {0} changed before they were locked, in each of {1} attempts to back it up: {2}", "Run the backup when no session truncates, rewrites, alters or drops these tables, or exclude them from it. Nothing was published.");
    public static readonly ErrorDefinition FileUnreadable = new("DBS211", ErrorKind.Missing,
        "cannot read {0}: {1}", "Check the path and this user's rights.");
    public static readonly ErrorDefinition CompressionUnknown = new("DBS212", ErrorKind.Missing,
        "{0} is packed with {1}, which DbSafety does not read", "Unpack it, or make it again without: pg_dump --compress=0 (or gzip, zstd). Nothing was proven about it.");
    public static readonly ErrorDefinition DumpEncrypted = new("DBS230", ErrorKind.Missing,
        "{0} is encrypted with {1}", "Decrypt it and use the dump: {2}. Nothing was proven about it.");
    public static readonly ErrorDefinition SeveralDumpsPacked = new("DBS231", ErrorKind.Usage,
        "{0} is a tar archive with several dumps: {1}", "Extract one of them (tar -xf {0} NAME) and use it. Nothing was changed.");
    public static readonly ErrorDefinition DirectoryDumpPacked = new("DBS232", ErrorKind.Usage,
        "{0} is a tar archive with a dump in the directory format: {1}", "Extract the folder (tar -xf {0}) and use it. Nothing was changed.");
    public static readonly ErrorDefinition SelectionEmpty = new("DBS220", ErrorKind.Usage,
        "nothing in {0} fits {1}", "Patterns are psql's: lower case unless quoted, * and ?, schema.table; without a schema only the search path counts. Nothing was written.");
    public static readonly ErrorDefinition SelectionInvalid = new("DBS221", ErrorKind.Usage,
        "{0} cannot be backed up like that: {1}", "See pg_dump's --table, --exclude-table and --schema. Nothing was written.");
    public static readonly ErrorDefinition RetentionUnsaid = new("DBS222", ErrorKind.Usage,
        "nothing of {0} was removed: it was not said what to keep", "Give --keep-last, --keep-daily, --keep-weekly, --keep-monthly (1 or more each) or --older-than.");
    public static readonly ErrorDefinition CompressionLevelInvalid = new("DBS223", ErrorKind.Usage,
        "{0} has no level {1}", "Give 1 to {2}, or 0 for no compression. Nothing was written.");
    public static readonly ErrorDefinition DrillReaches = new("DBS225", ErrorKind.Missing,
        "the drill of {0} ended where its restore reaches another server, which a drill does not: {1}", "Read back, the backup is whole: hashes and counts are right. A materialized view, an index or a constraint of it calls a function that connects elsewhere. To prove the restore too, restore it on a server from which that is reached.");
    public static readonly ErrorDefinition IntactNotRestorable = new("DBS226", ErrorKind.Verification,
        "the backup {0} is intact, but it does not restore as it is: {1}", "Read back, hashes and counts are right. Fix in the source database what the restore reports, and back up again. To use this backup, restore it with pg_restore or psql, which go on after an error, and create what is missing by hand.");
    public static readonly ErrorDefinition DumpOfOtherSystem = new("DBS227", ErrorKind.Usage,
        "{0} is a dump of {1}, not of PostgreSQL", "Restore dumps of pg_dump and pg_dumpall, or SQL scripts for PostgreSQL. Data of another database system has to be converted first (https://pgloader.io). Nothing was touched.");
    public static readonly ErrorDefinition DumpNewerThanTool = new("DBS228", ErrorKind.Missing,
        "the dump was written by pg_dump {2}, and {0} {1} is the newest one here", "Install {0} {2} or newer (Debian: postgresql-client-{2}), or set DBSAFETY_PG_BIN to the folder it is in. Nothing was changed.");
    public static readonly ErrorDefinition FileHoldsMore = new("DBS229", ErrorKind.Refused,
        "{0} holds more than one dump of PostgreSQL: {1}", "{2} Where the file is compressed, decompress it first. Nothing was touched.");
    public static readonly ErrorDefinition NothingToCompare = new("DBS224", ErrorKind.Usage,
        "{0} is neither a backup nor a fingerprint: {1}", "Give a database's URL, env:NAME, a manifest or payload, or a file that dbsafety database measure --json wrote.");

    // 3xx: restores
    public static readonly ErrorDefinition RestoreMismatch = new("DBS301", ErrorKind.Verification,
        "what was restored of {0} is not what was backed up: {1}", "The restored copy was dropped and the live database was not touched.");
    public static readonly ErrorDefinition RolesMissing = new("DBS302", ErrorKind.Refused,
        "{0} lacks roles that the backup names: {1}", "{2} Nothing was touched.");
    public static readonly ErrorDefinition ExtensionsMissing = new("DBS303", ErrorKind.Refused,
        "{0} lacks extensions that the backup needs: {1}", "Install their packages on the server first, or leave them out with --skip-extension. Nothing was touched.");
    public static readonly ErrorDefinition RightsMissing = new("DBS304", ErrorKind.Refused,
        "the role {1} may not swap databases on {0}: {2}", "Use a role that owns the database, may create databases and may end the others' sessions. Nothing was touched.");
    public static readonly ErrorDefinition SwapBlocked = new("DBS305", ErrorKind.Failed,
        "{0} could not be swapped: {1}", "PostgreSQL rolled the renames back: the live database is as it was. Find who holds it (pg_stat_activity, pg_prepared_xacts) and run the command again.");
    public static readonly ErrorDefinition NothingToUndo = new("DBS306", ErrorKind.Missing,
        "no kept database of {0} was found", "Kept databases are called {0}_before_ and a time; they may have been dropped.");
    public static readonly ErrorDefinition LocaleMissing = new("DBS307", ErrorKind.Refused,
        "{0} cannot make a database like the one that was backed up: {1}", "Install the locale on the server, or create an empty database with the locale that it is to have (CREATE DATABASE), and restore over that one. Nothing was touched.");
    public static readonly ErrorDefinition ServerOlder = new("DBS308", ErrorKind.Refused,
        "{0} runs PostgreSQL {1}, older than the backup's {2}", "Restore to PostgreSQL {2} or newer. Nothing was touched.");
    public static readonly ErrorDefinition OptionNeedsArchive = new("DBS311", ErrorKind.Usage,
        "{0} is a plain dump, of which no roles can be renamed and no tables or extensions left out", "Restore all of it (owners and privileges can be left out), or take a dump in the custom, tar or directory format. Nothing was touched.");
    public static readonly ErrorDefinition TablespacesMissing = new("DBS312", ErrorKind.Refused,
        "{0} lacks tablespaces that the backup names: {1}", "Make them first (CREATE TABLESPACE …), as the set's globals file shows. Nothing was touched.");
    public static readonly ErrorDefinition PartOverLive = new("DBS313", ErrorKind.Refused,
        "{0} is there already, and only a part of the backup would take its place", "Restore the part under another name, and copy over what you need. Nothing was touched.");
    public static readonly ErrorDefinition TableNotInBackup = new("DBS314", ErrorKind.Usage,
        "the backup holds no table {0}", "It holds: {1}.");
    public static readonly ErrorDefinition RoleMapInvalid = new("DBS315", ErrorKind.Usage,
        "'{0}' does not map a role", "Write OLD=NEW.");
    public static readonly ErrorDefinition TableNotRestored = new("DBS310", ErrorKind.Failed,
        "{0} could not be restored: {1}", "The restored copy was dropped and the live database was not touched.");
    public static readonly ErrorDefinition NotInPlace = new("DBS318", ErrorKind.Refused,
        "{0} cannot be restored in place: {1}", "Restore it beside, with a role that may create databases. Nothing was touched.");
    public static readonly ErrorDefinition DumpNotForOne = new("DBS316", ErrorKind.Refused,
        "{0} does not hold one database: it holds {1}", "Restore to the name of the one that is meant. Nothing was touched.");
    public static readonly ErrorDefinition DumpRunsCommands = new("DBS317", ErrorKind.Refused,
        "{0} would run commands of psql's: {1}", "A dump needs none. Look at them; if you trust them, restore it with psql into a database of its own. Nothing was touched.");
    public static readonly ErrorDefinition ExcerptOverLive = new("DBS320", ErrorKind.Refused,
        "the backup holds a part of its database only ({1}), and would take the place of {0}", "Restore it under a name that is not taken, or say that {0} may become this part (--allow-excerpt, -AllowExcerpt). Nothing was touched.");
    public static readonly ErrorDefinition RowsWithoutDefinitions = new("DBS321", ErrorKind.Refused,
        "the backup holds rows without definitions, so {0} cannot be made from it", "Load its payload with pg_restore --data-only or psql into a database that has its tables. Nothing was touched.");
    public static readonly ErrorDefinition RestoredTwice = new("DBS328", ErrorKind.Usage,
        "two backups of one pipeline would be restored to {0} on {1}: {2}, which came first, and {3}", "{3} was not restored. Pass one: Get-PgBackup … | Select-Object -First 1 | Restore-PgDatabase …");
    public static readonly ErrorDefinition NoGlobals = new("DBS322", ErrorKind.Usage,
        "{0} has no globals file, so no roles can be made from it", "Create the roles by hand, or leave out owners and privileges (--no-owner, -NoOwner){1}. Nothing was touched.");
    public static readonly ErrorDefinition RolesNotMade = new("DBS323", ErrorKind.Refused,
        "the role {1} could not be made on {0}: {2}", "Use a role with CREATEROLE, a superuser where the set's roles are ones, or make the roles by hand as the set's globals file shows. Nothing was touched.");
    public static readonly ErrorDefinition NotRestorable = new("DBS329", ErrorKind.Failed,
        "{0} cannot be restored as it is in the backup: {1}", "A function finds names by search_path, and a restore sets an empty one; while PostgreSQL 17 and later build an index, they set one with pg_catalog alone. In the source database: ALTER FUNCTION ... SET search_path = ..., then back up again. The restored copy was dropped and the live database was not touched.");
    public static readonly ErrorDefinition SessionsUnendable = new("DBS330", ErrorKind.Refused,
        "{1} cannot end all sessions in {0}: {2}", "Close these sessions, or use a superuser. GRANT pg_signal_backend TO the role covers the sessions of all roles but superusers. The live database was not changed.");
    public static readonly ErrorDefinition SwapUnknown = new("DBS331", ErrorKind.Failed,
        "it is not known whether {0} was swapped: the connection was lost at COMMIT, and afterwards: {1}", "When the server is available: SELECT oid, datname FROM pg_database WHERE oid IN ({2}, {3}). If {3} is {0}, the swap is committed and the other one is the previous database; if {2} is {0}, nothing was changed. Do not repeat the command before.");
    public static readonly ErrorDefinition PreparedTransactions = new("DBS332", ErrorKind.Refused,
        "prepared transactions are open in {0}: {1}", "Finish each with COMMIT PREPARED or ROLLBACK PREPARED. The live database was not changed.");
    public static readonly ErrorDefinition ServerReadOnly = new("DBS333", ErrorKind.Refused,
        "{0} is read-only: {1}", "Connect to the primary server, or make the server writable. Nothing was changed.");
    public static readonly ErrorDefinition AlreadyUndone = new("DBS334", ErrorKind.Refused,
        "the last restore of {0} is already undone: what was restored is retained as {1}", "{0} is what it was before that restore. To go back further, specify a retained database: dbsafety restore undo --to NAME. Retained: {2}. Nothing was changed.");
    public static readonly ErrorDefinition NotRetained = new("DBS335", ErrorKind.Usage,
        "{1} is not a retained database of {0}", "Retained: {2}. Nothing was changed.");
    public static readonly ErrorDefinition NewNameUnknown = new("DBS337", ErrorKind.Failed,
        "it is not known whether the restored database got the name {0}: the connection was lost at COMMIT, and afterwards: {1}", "When the server is available: SELECT datname FROM pg_database WHERE oid = {2}. If it is {0}, the restore is committed; if it is {3}, it was rolled back, and that database can be dropped. Do not repeat the command before.");
    public static readonly ErrorDefinition NotOfLastRestore = new("DBS336", ErrorKind.Refused,
        "the database that the last restore of {0} replaced is not retained", "{1} is older. To go back to it: dbsafety restore undo --to {1}. Retained: {2}. Nothing was changed.");
    public static readonly ErrorDefinition RetainedUnclear = new("DBS340", ErrorKind.Refused,
        "it is unclear whether {1} is the previous database of {0}", "It has no mark of DbSafety (a COMMENT ON DATABASE), and its name alone may belong to another database. Look at it; if it is the one you want, specify it by name (--to, -To), or rename the databases by hand (ALTER DATABASE ... RENAME TO ...). Nothing was changed.");
    public static readonly ErrorDefinition SlotsLeftBehind = new("DBS341", ErrorKind.Refused,
        "{0} has logical replication slots, which would stay with the retained copy: {1}", "Their consumers would go on reading from the retained copy and miss all later changes to {0}. Stop them and drop the slots (pg_drop_replication_slot), or accept it (--allow-slot-loss, -AllowSlotLoss). Nothing was changed.");

    public static readonly ErrorDefinition InPlaceBlocked = new("DBS324", ErrorKind.Refused,
        "{0} cannot be restored in place now: {1}", "{2}The restore's transaction was rolled back or never begun: the database is as it was. Run the command again when other sessions are done.");
    public static readonly ErrorDefinition InPlaceRolledBack = new("DBS325", ErrorKind.Failed,
        "the restore of {0} in place failed and was rolled back: {1}", "The server was asked and reports the transaction as aborted: the database is as it was.");
    public static readonly ErrorDefinition InPlaceUnknown = new("DBS326", ErrorKind.Failed,
        "it is unknown whether the restore of {0} in place was committed: {1}", "The server did not answer. When it does, SELECT txid_status({2}) in that database returns committed or aborted. The state before is in: {3}.");
    public static readonly ErrorDefinition InPlaceMismatch = new("DBS327", ErrorKind.Verification,
        "what was restored of {0} in place is not what was backed up: {1}", "The server was asked and reports the transaction as aborted: the database is as it was.");

    // 4xx: migrations
    public static readonly ErrorDefinition MigrationsNotFound = new("DBS401", ErrorKind.Usage,
        "{0} holds no migrations: {1}", "Point to a Prisma folder (with migrations/), its migrations folder, or a folder of *.sql files.");
    public static readonly ErrorDefinition LedgerNotInOrder = new("DBS402", ErrorKind.Refused,
        "the ledger of {0} is not in order: {1}", "{2}");
    public static readonly ErrorDefinition GateRefused = new("DBS403", ErrorKind.Refused,
        "{0} would lose data: {1}", "Nothing was changed. To go on, allow each: {2}");
    public static readonly ErrorDefinition RehearsalFailed = new("DBS404", ErrorKind.Refused,
        "the rehearsal on a copy of {0} failed: {1}", "{2} Mend the migration and run it again.");
    public static readonly ErrorDefinition RehearsalLost = new("DBS405", ErrorKind.Refused,
        "the rehearsal on a copy of {0} lost more than was allowed: {1}", "{2} Allow what you accept, or mend the migration.");
    public static readonly ErrorDefinition MigrationFailed = new("DBS406", ErrorKind.Failed,
        "migration {0} failed: {1}", "{2}");
    public static readonly ErrorDefinition AllowUnknown = new("DBS407", ErrorKind.Usage,
        "'{0}' allows nothing that is pending", "What can be allowed: {1}");
    public static readonly ErrorDefinition NoRehearsal = new("DBS408", ErrorKind.Missing,
        "there is nowhere to rehearse the migration of {0}: {1}", "Install PostgreSQL's server binaries of that version, or go without (--skip-rehearsal, -SkipRehearsal).");
    public static readonly ErrorDefinition VerifyLost = new("DBS409", ErrorKind.Verification,
        "after the migration {0} has lost more than was allowed: {1}", "{2}");
    public static readonly ErrorDefinition MigrationsUnsupported = new("DBS410", ErrorKind.Usage,
        "{0} cannot be run: {1}", "Nothing was changed. Run it with its own tool (--command, -Command), or keep each migration in a file of its own without its undoing.");
    public static readonly ErrorDefinition WrongProvider = new("DBS411", ErrorKind.Usage,
        "{0} is made for {1}, not for PostgreSQL", "Point to the migrations of a project whose datasource is postgresql.");
    public static readonly ErrorDefinition WouldFail = new("DBS412", ErrorKind.Refused,
        "the migration of {0} would fail{1}: {2}", "Nothing was changed. {3}");
    public static readonly ErrorDefinition ResolveRefused = new("DBS413", ErrorKind.Usage,
        "{0} cannot be marked as {1}: {2}", "Nothing was changed. List the migrations to see how they stand.");
    public static readonly ErrorDefinition JournalUnreadable = new("DBS414", ErrorKind.Failed,
        "Drizzle's journal {0} cannot be read: {1}", "Take it from version control again, or make it anew with drizzle-kit.");
    public static readonly ErrorDefinition DrizzleConfigUnreadable = new("DBS415", ErrorKind.Usage,
        "{0} computes {1}, so it cannot be said where the ledger is", "Write it there as a plain string.");
    public static readonly ErrorDefinition PushedBefore = new("DBS416", ErrorKind.Refused,
        "{0} was made without its ledger: {1} records nothing, and the pending migrations would make what is there already: {2}", "Nothing was changed. If the migrations up to one are in it, take it over: {3} (or name the last one that is). Prisma calls it P3005 and baselining.");
    public static readonly ErrorDefinition CommandFailed = new("DBS417", ErrorKind.Failed,
        "the command {0} failed: {1}", "Run it by hand on a copy to see more; --verbose (-Verbose) shows all that it said.");
    public static readonly ErrorDefinition CommandMissing = new("DBS418", ErrorKind.Missing,
        "the command {0} cannot be started: {1}", "Give the program and its arguments; no shell reads them, so there are no pipes and no variables.");
    public static readonly ErrorDefinition CommandIncomplete = new("DBS419", ErrorKind.Verification,
        "the command {0} ended well, but {1}", "Does it take its database from DATABASE_URL, and its migrations from this folder?");
    public static readonly ErrorDefinition CommandElsewhere = new("DBS420", ErrorKind.Refused,
        "the command {0} would not work on the database that is meant: {1}", "Nothing was run. Name the database and the container that belong together.");
    public static readonly ErrorDefinition CountChanged = new("DBS421", ErrorKind.Refused,
        "{0} would lose data that was written since the safety check: {1}", "{2} To go on, allow each: {3}");
    public static readonly ErrorDefinition HistoryChanged = new("DBS422", ErrorKind.Refused,
        "the migration history of {0} ({1}) has changed since this run began: {2}", "{3} was not run. Run it again: it begins from what the history says now.");
    public static readonly ErrorDefinition ScriptRefused = new("DBS430", ErrorKind.Refused,
        "migration {0} cannot be run: {1}", "Nothing was changed. {2}");
    public static readonly ErrorDefinition OutcomeUnknown = new("DBS431", ErrorKind.Failed,
        "the connection to {0} was lost, and whether {1} was committed is unknown: {2}", "Look before anything else runs: {3}");
    public static readonly ErrorDefinition ResumeRefused = new("DBS432", ErrorKind.Refused,
        "migration {0} cannot go on where it stopped: {1}", "Nothing was changed. {2}");
    public static readonly ErrorDefinition PartsCommitted = new("DBS433", ErrorKind.Failed,
        "migration {0} failed, and a part of it is committed although it was run as one transaction: {1}", "Look at what is there before anything else runs.");
    public static readonly ErrorDefinition CountsOff = new("DBS434", ErrorKind.Refused,
        "what the migration of {0} deletes cannot be counted: {1}", "Nothing was changed. PostgreSQL counts the rows that a transaction writes only while track_counts is on: reset it (ALTER ROLE … RESET track_counts, ALTER DATABASE … RESET track_counts), or allow every loss (--allow-all, -AllowAll).");
    public static readonly ErrorDefinition LossOutside = new("DBS435", ErrorKind.Refused,
        "the migration of {0} would write to what no backup of it holds: {1}", "{2} was rolled back. To go on, allow each: {3}");
    public static readonly ErrorDefinition PinFailed = new("DBS436", ErrorKind.Refused,
        "backup {0} cannot be pinned, so that retention could remove it: {1}", "Nothing was changed. It would hold the only copy of what the migration is allowed to lose. Pass 0 days to run without a pin (--pin-for 0, -PinFor 0).");
    public static readonly ErrorDefinition SinceUnsaved = new("DBS437", ErrorKind.Refused,
        "rows of {0} that were written after the backup, and that the migration is allowed to lose, cannot be saved: {1}", "{2} was not run. They would be in no backup. Run it again as a role that can read and lock these tables, and with room beside the backup.");
    public static readonly ErrorDefinition CatalogLocked = new("DBS438", ErrorKind.Refused,
        "{0} holds an ACCESS EXCLUSIVE lock on system catalog {1}", "{0} was rolled back. While it holds this lock, no other session can read the catalog, so that what the script loses cannot be checked. Remove the LOCK TABLE, CLUSTER or REINDEX of the catalog from the script.");
    public static readonly ErrorDefinition DumpOfSeveral = new("DBS439", ErrorKind.Usage,
        "dump {0} cannot be compared: it holds several databases: {1}", "Compare it with a database of the same name as the one that is meant.");
    public static readonly ErrorDefinition ConcurrentWrites = new("DBS440", ErrorKind.Refused,
        "{0} was not replaced by its backup: {1}", "A restore would discard what other sessions have committed. Nothing was swapped.");
    public static readonly ErrorDefinition ProductionChanged = new("DBS450", ErrorKind.Verification,
        "{0} itself may have been changed during the rehearsal on a copy: {1}; the rehearsal: {2}", "Either what was rehearsed reached {0} (if it is a command: does it take its database from DATABASE_URL?), or other sessions wrote meanwhile. Look before anything else runs: {3}");
    public static readonly ErrorDefinition RehearsalNotIsolated = new("DBS451", ErrorKind.Refused,
        "the migration of {0} cannot be rehearsed without reaching what is outside of the copy: {1}; the copy is not isolated: {2}",
        "The database was not touched. Rehearse on Linux as root or with user namespaces permitted, or with a Docker engine, where the copy reaches nothing; or read these statements with care and go without a rehearsal (--skip-rehearsal, -SkipRehearsal).");
    public static readonly ErrorDefinition RehearsalReached = new("DBS452", ErrorKind.Refused,
        "the rehearsal on a copy of {0} stopped at a statement that reaches another server, which no rehearsal does: {1}",
        "{2} What comes before that statement succeeded on the copy. Put the statement into a migration of its own, or go without a rehearsal (--skip-rehearsal, -SkipRehearsal).");
    public static readonly ErrorDefinition RehearsalServersKept = new("DBS453", ErrorKind.Refused,
        "the foreign servers of the copy of {0} could not be redirected: {1}",
        "The database was not touched. The rehearsal would have used them. Grant their ownership to the role, or rehearse on a temporary server.");
    public static readonly ErrorDefinition NoRetry = new("DBS454", ErrorKind.Failed,
        "could not lock {0} within {1} ({2}), and the script is not tried again: {3}",
        "What it did outside of the database was not rolled back. Look there before you run it again.");
    public static readonly ErrorDefinition NotRepeated = new("DBS455", ErrorKind.Failed,
        "{0} ends a transaction inside a procedure or DO block, and would have to run a second time for that: {1}",
        "What it did outside of the database was not rolled back; the rest was. Run the procedure in a migration of its own.");

    public static readonly ErrorDefinition CopyNotDisabled = new("DBS460", ErrorKind.Refused,
        "the copy of {0} is not isolated, and what connects to other servers cannot be disabled in it: {1}",
        "The database was not touched: only a copy was begun. Rehearse on Linux as root or with user namespaces permitted, or with a Docker engine, where the copy reaches nothing; or as a superuser; or go without a rehearsal (--skip-rehearsal, -SkipRehearsal).");
    public static readonly ErrorDefinition CommandNotIsolated = new("DBS456", ErrorKind.Refused,
        "the command {0} cannot be isolated from {1} in its rehearsal: {2}", "Nothing was run. Isolation needs Linux with unshare (util-linux), and root with CAP_SYS_ADMIN or unprivileged user namespaces. To rehearse without it: --allow-unisolated-command (-AllowUnisolatedCommand); an address that the command takes from anything but the variables that are set for it then reaches {1} itself. To go without a rehearsal: --skip-rehearsal (-SkipRehearsal).");
    public static readonly ErrorDefinition CommandMissedCopy = new("DBS457", ErrorKind.Refused,
        "the rehearsal of {0} on a copy of {1} failed: {2}", "{1} was not reached: in a rehearsal only the copy answers, and no other address of the network. The copy's address is in {3}; a command that takes it from elsewhere (a literal, a file that overrides variables) cannot be rehearsed so, nor one that downloads its programs (npx: install them before). To rehearse without isolation: --allow-unisolated-command (-AllowUnisolatedCommand); to go without a rehearsal: --skip-rehearsal (-SkipRehearsal).");
    public static readonly ErrorDefinition InputChanged = new("DBS463", ErrorKind.Refused,
        "the migrations in {0} have changed since this run began, so they are not the ones that were analysed and rehearsed: {1}", "{2} was not run on the database. If it writes migrations itself, use a command that only applies them (prisma migrate deploy, not prisma migrate dev); then look at these files and run it again.");
    public static readonly ErrorDefinition CopyReaches = new("DBS464", ErrorKind.Refused,
        "{0} cannot be restored to a copy that reaches no other server: {1}", "The database was not touched: only a copy was begun. A materialized view, an index or a constraint of it calls a function that connects elsewhere. Go without a rehearsal (--skip-rehearsal, -SkipRehearsal).");
    public static readonly ErrorDefinition PoolerKeepsLocks = new("DBS465", ErrorKind.Refused,
        "{0} is a connection pooler that does not release the advisory locks of a closed connection", "Connect to the server itself, or set PgBouncer's server_reset_query to DISCARD ALL: if this program were killed, its locks would stay on a server session of the pool. {1}");
    public static readonly ErrorDefinition LockKept = new("DBS466", ErrorKind.Refused,
        "the lock of a DbSafety run on {0} is held by a session that is no DbSafety run: {1}", "Nothing was touched. A connection pooler keeps the server session of a run that was killed. Make sure that no run is at work, then end that session: SELECT pg_terminate_backend({2});");
    public static readonly ErrorDefinition CommandSkipped = new("DBS467", ErrorKind.Verification,
        "the command {0} succeeded on {1}, but no transaction wrote to it: what it did in its rehearsal was not done there", "The database was not changed. A tool that keeps its history in a file of the project (umzug, node-migrate) writes that file in the rehearsal and then finds nothing to do: restore the file, and keep the history in the database, or go without a rehearsal (--skip-rehearsal, -SkipRehearsal).");
    public static readonly ErrorDefinition CommandChangedNothing = new("DBS458", ErrorKind.Verification,
        "the command {0} succeeded in its rehearsal, but changed nothing on the copy of {1}: {2}", "Does it take its database from {3}? A command that works on another database cannot be rehearsed.");
    public static readonly ErrorDefinition CommandAtProduction = new("DBS459", ErrorKind.Verification,
        "the rehearsal of the command {0} was stopped: a session waited to write to the migration history of {1} itself: {2}", "Either the command uses an address other than that of the copy, or another tool was about to migrate. The rows of {1} were compared with the backup afterwards: none were written. Let the command take its database from DATABASE_URL or PGHOST, PGPORT and PGDATABASE.");
    public static readonly ErrorDefinition OtherHistory = new("DBS470", ErrorKind.Refused,
        "{0} has another tool's migration history: {1} has {2}", "Nothing was changed. What that tool has applied would run a second time. Run it with that tool's own command (--command), or: {3}");
    public static readonly ErrorDefinition ToolNeedsCommand = new("DBS471", ErrorKind.Refused,
        "{0} holds migrations of {1}, which records them in {2}; they are run by its own command only", "Nothing was changed. Specify the command, which is rehearsed on a copy as any: {3}");
    public static readonly ErrorDefinition ToolHistoryOwn = new("DBS472", ErrorKind.Refused,
        "{0} is the migration history of {1}, which only {1} writes", "Nothing was changed. Use {1} itself; its migrations are applied by {2}.");
    public static readonly ErrorDefinition ProjectAmbiguous = new("DBS473", ErrorKind.Usage,
        "{0} holds more than one set of migrations: {1}", "Nothing was changed. Specify the folder of one of them.");
    public static readonly ErrorDefinition ToolUnreadable = new("DBS474", ErrorKind.Usage,
        "{0} holds a migration of {1} that is a program, or whose history cannot be read", "Nothing was changed. Run it by its own command: --command '{2}'; the command is rehearsed on a copy first.");
    public static readonly ErrorDefinition PrismaConfigUnreadable = new("DBS475", ErrorKind.Usage,
        "{0} computes {1}, so the folder of the migrations is not known", "Specify the folder of the migrations itself, or write it there as a plain string.");
    public static readonly ErrorDefinition HistoryAmbiguous = new("DBS476", ErrorKind.Usage,
        "{0} has more than one migration history of {1}: {2}", "Nothing was changed. List each with {1} itself.");
    public static readonly ErrorDefinition ToolFileUnreadable = new("DBS477", ErrorKind.Usage,
        "{0} cannot be read as {1} reads it: {2}", "Nothing was changed. Correct the file, or specify the folder of the migrations itself.");
    public static readonly ErrorDefinition PlaceholderMissing = new("DBS478", ErrorKind.Usage,
        "{0} line {1}: no value for the placeholder {2}", "Nothing was changed. Flyway refuses the script, too: specify flyway.placeholders.{3} in flyway.toml or flyway.conf, or FLYWAY_PLACEHOLDERS_{3} in the environment.");
    public static readonly ErrorDefinition NotUtf8 = new("DBS479", ErrorKind.Usage,
        "{0} is not UTF-8: {1} has bytes that are no character", "Nothing was changed. Save the file as UTF-8.");

    public static readonly ErrorDefinition DoubtfulFile = new("DBS480", ErrorKind.Refused,
        "{0} is pending, but may be no migration: {1}", "Nothing was changed. If it is a migration, rename it: a number of its own, and a name that says what it changes. If it is none, move it out of the folder. If it has been applied or must never run: dbsafety migration resolve \"{2}\" --applied \"{0}\".");

    public static readonly ErrorDefinition SqlBesideMigrations = new("DBS481", ErrorKind.Refused,
        "{0} has SQL files, and {1} has migrations of {2}; the SQL files can be parts of those", "Nothing was changed. If the SQL files are migrations of their own, specify --source sql. Otherwise specify the folder {1}{3}.");
    public static readonly ErrorDefinition HistoryNameUnknown = new("DBS482", ErrorKind.Refused,
        "{0} has no migration history with the name that {1} uses, but {2} has its columns and lists versions of these files", "Nothing was changed. If it is the history of these files, or if it is not, write the name of the table into the configuration of {1} that is read here (docs/layouts.md): {3}.");
    public static readonly ErrorDefinition OrderUnknown = new("DBS483", ErrorKind.Refused,
        "the order of the migrations {0} and {1} depends on the language of the machine that Prisma runs on", "Nothing was changed. Prisma sorts its folders by the rules of a language, which place letters beyond ASCII differently. Rename a folder that has not been applied anywhere, so that the numbers at the beginning differ, or run prisma migrate deploy itself with --command.");
    public static readonly ErrorDefinition FileOrderUnknown = new("DBS484", ErrorKind.Refused,
        "{0} is pending, but its place among the SQL files is not certain: {1}", "Nothing was changed. Rename the files that have not been applied anywhere, so that each name begins with a number (001_name.sql) or a date with the year first (20240131_name.sql), or with one word for all before the number (migration_1.sql).");
    public static readonly ErrorDefinition ToolRunsUndo = new("DBS485", ErrorKind.Usage,
        "{0} undoes a migration, but {1} would run it as a migration", "Nothing was changed. {2}");
    public static readonly ErrorDefinition HistoryElsewhere = new("DBS486", ErrorKind.Refused,
        "{0} has no migration history for the schema that this connection uses ({1}), but {2} lists files of this folder as applied in another schema", "Nothing was changed. If the migrations belong to the schema {3}, connect with it: add ?search_path={3} to the URL (for Prisma ?schema={3}). If they belong to {1}, where they have not been applied, specify that in the same way: ?search_path={1} (?schema={1}).");
    public static readonly ErrorDefinition FilesListed = new("DBS487", ErrorKind.Refused,
        "{0} has a table that lists pending files as a migration history does: {1} lists {2}", "Nothing was changed. If {1} records what has been applied, these files would run a second time: {3}");
    public static readonly ErrorDefinition ProgramProject = new("DBS488", ErrorKind.Usage,
        "{0} is the folder of a project whose migrations are programs of {1} ({2})", "Nothing was changed. Run them by their own command: --command '{3}'; the command is rehearsed on a copy first. If there are SQL files that are migrations of their own, specify their folder.");
    public static readonly ErrorDefinition HistoryLocked = new("DBS489", ErrorKind.Failed,
        "could not read the migration history of {0}: table {1} is locked by {2}", "Nothing was changed. Wait until that session ends its transaction, or end it with pg_terminate_backend(pid), and try again. VACUUM FULL, CLUSTER, ALTER TABLE, LOCK TABLE and a migration that has not ended hold locks that block reads, too.");
    public static readonly ErrorDefinition NoMigrationsFolder = new("DBS490", ErrorKind.Refused,
        "{0} holds, by its name, {1}", "Nothing was changed. If its files are migrations, specify --source sql{2}.");
    public static readonly ErrorDefinition FilesOfTwoKinds = new("DBS491", ErrorKind.Refused,
        "{0} has migrations with two kinds of names: {1} is one of {2}, which does not read {3}", "Nothing was changed. Nothing but the names says whose folder it is, and the other files would be skipped. Rename the files so that all names are of one kind, or move those that are no migrations out of the folder. If all are plain SQL files, specify --source sql.");

    // 5xx: Docker
    public static readonly ErrorDefinition EngineUnreachable = new("DBS501", ErrorKind.Missing,
        "no Docker engine answers at {0}: {1}", "Start it (systemctl start docker), or say where it is with DOCKER_HOST.");
    public static readonly ErrorDefinition EngineForbidden = new("DBS502", ErrorKind.Missing,
        "this user may not use the Docker engine at {0}", "Run it as root or as a member of the group docker.");
    public static readonly ErrorDefinition EngineTooOld = new("DBS503", ErrorKind.Missing,
        "the Docker engine at {0} speaks API {1}; DbSafety needs 1.41", "Update the engine to 20.10 or newer.");
    public static readonly ErrorDefinition ContainerUnknown = new("DBS504", ErrorKind.Missing,
        "there is no container {0}", "{1}");
    public static readonly ErrorDefinition ContainerAmbiguous = new("DBS505", ErrorKind.Usage,
        "{0} could be more than one container", "Give the whole name or more of the id: {1}.");
    public static readonly ErrorDefinition ContainerStopped = new("DBS506", ErrorKind.Missing,
        "the container {0} is not running", "Start it: docker start {0}.");
    public static readonly ErrorDefinition EngineFailed = new("DBS507", ErrorKind.Failed,
        "the Docker engine at {0} answered with an error: {1}", "Look at the engine's log (journalctl -u docker).");
    public static readonly ErrorDefinition EngineAddressInvalid = new("DBS508", ErrorKind.Usage,
        "the Docker engine cannot be reached the way '{0}' says: {1}", "Name the engine's socket or address in DOCKER_HOST: unix:///var/run/docker.sock, npipe:////./pipe/docker_engine or tcp://HOST:2375.");
    public static readonly ErrorDefinition EngineTooNew = new("DBS509", ErrorKind.Missing,
        "the Docker engine at {0} answers to API {1} and newer only; this DbSafety speaks up to {2}", "Update DbSafety.");
    public static readonly ErrorDefinition NoThrowawayServer = new("DBS510", ErrorKind.Missing,
        "{0} needs a throwaway PostgreSQL, and this machine can start none: {1}", "Install the server programs: {2}");
    public static readonly ErrorDefinition ImageUnavailable = new("DBS511", ErrorKind.Missing,
        "the image {0} cannot be had: {1}", "Pull it by hand (docker pull {0}), or load it (docker load).");
    public static readonly ErrorDefinition ContainerNotPostgres = new("DBS512", ErrorKind.Usage,
        "the container {0} does not look like a PostgreSQL server: {1}", "Name the database's container.");
    public static readonly ErrorDefinition ContainerUnreachable = new("DBS513", ErrorKind.Missing,
        "the database in the container {0} cannot be reached from here: {1}", "Publish its port (-p 127.0.0.1:5432:5432), or use an image that has bash, perl, socat or nc.");
    public static readonly ErrorDefinition VolumeUnknown = new("DBS514", ErrorKind.Missing,
        "there is no volume {0}", "{1}");
    public static readonly ErrorDefinition VolumeHasNoCluster = new("DBS515", ErrorKind.Missing,
        "the volume {0} holds no PostgreSQL cluster", "dbsafety volume find lists those that do.");
    public static readonly ErrorDefinition VolumeInUse = new("DBS516", ErrorKind.Refused,
        "a server runs on the volume {0}: {1}", "Nothing was touched. Back up through it: dbsafety backup create --container {1}");
    public static readonly ErrorDefinition VolumeNotReadable = new("DBS517", ErrorKind.Failed,
        "the cluster on the volume {0} cannot be started from a copy: {1}", "The volume was not changed. {2}");
    public static readonly ErrorDefinition ContainerToolUnfit = new("DBS518", ErrorKind.Missing,
        "{0} cannot be done with the programs inside the container: {1}", "Install PostgreSQL's client programs on this machine (Debian: apt-get install postgresql-client).");
    public static readonly ErrorDefinition ComposeFileUnreadable = new("DBS530", ErrorKind.Usage,
        "{0} cannot be read as a compose file: {1}", "docker compose config says what is wrong with it.");
    public static readonly ErrorDefinition ComposeFileNotUp = new("DBS531", ErrorKind.Missing,
        "no container of a database was made from {0} (its project would be called {1})", "{2}");
    public static readonly ErrorDefinition InstallFailed = new("DBS532", ErrorKind.Missing,
        "PostgreSQL's server programs could not be installed: {0}", "Run it by hand: {1}");
    public static readonly ErrorDefinition PowerShellUnavailable = new("DBS533", ErrorKind.Missing,
        "the demo cannot run in PowerShell: {0}", "{1}");
    public static readonly ErrorDefinition RuleUnknown = new("DBS520", ErrorKind.Usage,
        "there is no rule {0}", "Rules like it are {1}. All of them: docs/rules.");
    public static readonly ErrorDefinition InputTwice = new("DBS521", ErrorKind.Usage,
        "standard input cannot be read twice, for {0} and for {1}", "Give one of them another way: a file, or --database-url env:NAME.");

    // 9xx: everything else
    public static readonly ErrorDefinition NeedsAnswer = new("DBS901", ErrorKind.Refused,
        "{0} needs an answer, and there is nobody to ask", "Give --yes to answer every question with yes.");
    public static readonly ErrorDefinition Cancelled = new("DBS902", ErrorKind.Cancelled,
        "{0} was stopped on request", "What was partial has been removed.");
    public static readonly ErrorDefinition Unexpected = new("DBS999", ErrorKind.Failed,
        "{0} failed in a way that was not foreseen: {1}", "This is a defect of DbSafety. Please report it with the text above.");

    /// <summary>After these it is not known what was committed: they are reported even where the command was stopped on request.</summary>
    public static IReadOnlyList<ErrorDefinition> UnknownOutcomes { get; } = [SwapUnknown, NewNameUnknown, InPlaceUnknown, OutcomeUnknown];

    /// <summary>All of them, for documentation and tests.</summary>
    public static IReadOnlyList<ErrorDefinition> All { get; } =
        [.. typeof(ErrorCatalogue).GetFields().Where(f => f.FieldType == typeof(ErrorDefinition)).Select(f => (ErrorDefinition)f.GetValue(null)!)];
}
