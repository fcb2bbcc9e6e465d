namespace DbSafety.Errors;

/// <summary>
/// All errors of DbSafety. Codes are grouped by area: 1xx servers and tools, 2xx backups,
/// 3xx restores, 4xx migrations, 5xx Docker, 9xx everything else. A code is never reused for another error.
/// </summary>
public static class ErrorCatalogue
{
    // 1xx: servers, databases, tools
    public static readonly ErrorDefinition ServerUnreachable = new("DBS101", ErrorKind.Missing,
        "cannot connect to PostgreSQL at {0}: {1}", "Check that the server is running and that host and port are correct: pg_isready -h HOST -p PORT.");
    public static readonly ErrorDefinition LoginFailed = new("DBS102", ErrorKind.Missing,
        "login to {0} failed: {1}", "Check the user name, the password and the server's pg_hba.conf. The password can be in the URL, PGPASSWORD, a password file or an env file.");
    public static readonly ErrorDefinition DatabaseUnknown = new("DBS103", ErrorKind.Missing,
        "database {1} does not exist on {0}", "Databases on this server: {2}.");
    public static readonly ErrorDefinition ConnectionLost = new("DBS104", ErrorKind.Missing,
        "the connection to {0} was lost: {1}", "Check the server log. The operation was not completed; run the command again when the server is available.");
    public static readonly ErrorDefinition TargetInvalid = new("DBS105", ErrorKind.Usage,
        "cannot determine the database from {0}: {1}", "Specify a URL (postgres://user@host:5432/name), a container, or PGHOST, PGPORT, PGUSER and PGDATABASE.");
    public static readonly ErrorDefinition EnvFileInvalid = new("DBS106", ErrorKind.Usage,
        "{0} specifies no database: {1}", "Add a line DATABASE_URL=postgres://… to the file.");
    public static readonly ErrorDefinition QueryFailed = new("DBS107", ErrorKind.Failed,
        "a query in {0} failed: {1}", "No further statements were run. {2}");
    public static readonly ErrorDefinition PermissionDenied = new("DBS108", ErrorKind.Refused,
        "permission denied on {0}: {1}", "{2}");
    public static readonly ErrorDefinition ToolMissing = new("DBS110", ErrorKind.Missing,
        "{0} was not found on this machine", "Install the PostgreSQL programs ({1}), or set DBSAFETY_PG_BIN to the folder that contains them.");
    public static readonly ErrorDefinition ToolTooOld = new("DBS111", ErrorKind.Missing,
        "{0} {1} is older than the server (PostgreSQL {2})", "Install {0} {2} or later (Debian: postgresql-client-{2}), or set DBSAFETY_PG_BIN to the folder that contains it.");
    public static readonly ErrorDefinition ToolFailed = new("DBS112", ErrorKind.Failed,
        "{0} failed with exit code {1}: {2}", "The last lines of its output are above. The operation was not completed.");
    public static readonly ErrorDefinition ToolKilled = new("DBS113", ErrorKind.Failed,
        "{0} was terminated by signal {1} before it finished", "Check for memory pressure (dmesg), and whether an administrator ended it. The operation was not completed; run the command again.");
    public static readonly ErrorDefinition LockTimeout = new("DBS114", ErrorKind.Failed,
        "could not obtain a lock in database {0} within {1}: {2}", "Find the session that holds the lock (the message names it if it was seen, and otherwise pg_locks joined to pg_stat_activity shows it), and wait until its transaction ends. SELECT pg_terminate_backend(PID) terminates that session and rolls its transaction back.");
    public static readonly ErrorDefinition AnotherRun = new("DBS115", ErrorKind.Refused,
        "another run is working on {0}: {1}", "Run the command again when the other run has finished. While a run works on a database, pg_stat_activity shows its session. Nothing was changed.");
    public static readonly ErrorDefinition NotEnoughSpace = new("DBS117", ErrorKind.Refused,
        "not enough free space on {0}: {1} free, and {2} requires at least {3}", "Free space there, or use another disk. {dbsafety backup remove} removes old backups. Databases retained by restores and undos ({dbsafety retained list}) use space on the disk of the server, and can be the only copy of rows that were committed after a backup: compare or back up before {dbsafety retained remove}. Nothing was changed.");
    public static readonly ErrorDefinition ScratchUnavailable = new("DBS116", ErrorKind.Missing,
        "cannot start a temporary PostgreSQL {1} server for {0}: {2}", "Fix the cause that the message shows (such as free space, memory or permissions). If the cause is a container or a missing version, install the PostgreSQL {1} server programs (Debian: apt-get install postgresql-{1}).");
    public static readonly ErrorDefinition TransactionPooler = new("DBS120", ErrorKind.Refused,
        "{0} is a connection pooler in transaction or statement mode: {1}", "Connect to the server itself, or to the pooler in session mode. In transaction or statement mode, settings, locks and snapshots stay on server connections that other clients use. {2}");
    public static readonly ErrorDefinition PoolerUnproven = new("DBS121", ErrorKind.Refused,
        "{0} is a connection pooler, and DbSafety could not verify that each connection has its own server session: {1}", "Connect to the server itself. In session mode, the pool must have free server connections. {2}");
    public static readonly ErrorDefinition PoolerOptions = new("DBS122", ErrorKind.Refused,
        "{0} is a connection pooler that does not forward startup parameters: {1}", "Connect to the server itself. For restores in session mode, PgBouncer's ignore_startup_parameters can contain options. {2}");
    public static readonly ErrorDefinition PoolerKeepsSettings = new("DBS123", ErrorKind.Refused,
        "{0} is a connection pooler that does not reset the settings of a closed connection", "Connect to the server itself, or set PgBouncer's server_reset_query to DISCARD ALL. {1}");
    public static readonly ErrorDefinition ConnectionSettingUnsupported = new("DBS124", ErrorKind.Usage,
        "{0} has an unsupported setting: {1}", "Remove it, or replace it with a libpq parameter (https://www.postgresql.org/docs/current/libpq-connect.html). It is not ignored, because the connection could then use another database or be less secure.");
    public static readonly ErrorDefinition EnvVariableUnresolved = new("DBS125", ErrorKind.Usage,
        "cannot determine the value of {1} in {0}: {2}", "Set the variable, specify a default (${{NAME:-default}}), or write the value literally. In a URL, write %24 for a $ that is part of the value.");
    public static readonly ErrorDefinition DatabaseNotNamed = new("DBS126", ErrorKind.Usage,
        "{0} specifies no database", "Add the database name to the URL (postgres://user@host:5432/name), or specify the database.");
    public static readonly ErrorDefinition WireSettingInvalid = new("DBS127", ErrorKind.Usage,
        "invalid {1} in {0}: {2}", "See https://www.postgresql.org/docs/current/libpq-ssl.html. Nothing was sent to a server.");
    public static readonly ErrorDefinition CertificateRefused = new("DBS128", ErrorKind.Refused,
        "certificate verification failed for {0} (sslmode={1}): {2}", "Check sslrootcert, the host name, and the validity dates of the certificate. No user name, password or query was sent to the server.");
    public static readonly ErrorDefinition NoServerFits = new("DBS129", ErrorKind.Missing,
        "none of the servers {0} can be used (target_session_attrs={1}): {2}", "Check that the servers are running, or specify the server to use.");
    public static readonly ErrorDefinition ToolIgnoresSetting = new("DBS131", ErrorKind.Missing,
        "{0} before version {1} ignores {2}, and the newest version on this machine is {3}", "Install the PostgreSQL client programs of version {1} or later, or set DBSAFETY_PG_BIN to the folder that contains them.");
    public static readonly ErrorDefinition OtherDatabaseOverLive = new("DBS130", ErrorKind.Refused,
        "the backup is of database {1}, and {0} exists on {2}", "Choose a backup of {0}, restore to a database name that does not exist, or allow it to replace {0} ({--allow-other-database}). Nothing was changed.");
    public static readonly ErrorDefinition ExtensionBound = new("DBS132", ErrorKind.Refused,
        "extension {1} can be created only in database {2} of {0}, but a restore creates a new database", "{3} Nothing was changed.");

    public static readonly ErrorDefinition EventTriggersOfOthers = new("DBS133", ErrorKind.Refused,
        "{0} has event triggers that this role cannot drop, and a restore in place replaces all event triggers: {1}", "Restore in place as a superuser. Or have a superuser save their definitions (pg_dump --schema-only), drop them before the restore ({2}) and re-create them after it. Nothing was changed.");
    public static readonly ErrorDefinition ScriptActsOnServer = new("DBS134", ErrorKind.Refused,
        "{0} has statements that affect the entire server, or systems outside it: {1}", "pg_dump writes no such statements for a database. Restore a copy of the script without them. Check them before you run any of them with psql: they change the entire server. Nothing was changed.");
    public static readonly ErrorDefinition ScriptHasGlobalsOnly = new("DBS135", ErrorKind.Refused,
        "{0} contains only roles and tablespaces, and no database", "Run it with psql on the server where the roles are to be created: psql -d postgres -f FILE. Nothing was changed.");
    public static readonly ErrorDefinition RowsOfForeignTable = new("DBS138", ErrorKind.Refused,
        "restoring {0} would write rows to another server through foreign tables: {1}", "Dump without their rows (pg_dump without --include-foreign-data). pg_restore and psql would write these rows to the other server, which may have them already; pg_restore -l and -L exclude the TABLE DATA entries of these tables. Nothing was changed.");
    public static readonly ErrorDefinition TooFewConnections = new("DBS136", ErrorKind.Refused,
        "{0} has too few free connections: {1} requires {2}, and {3}", "End idle sessions (pg_stat_activity), or raise the limit: ALTER ROLE … CONNECTION LIMIT, ALTER DATABASE … CONNECTION LIMIT, or max_connections. Nothing was changed.");
    public static readonly ErrorDefinition TooManyConnections = new("DBS137", ErrorKind.Missing,
        "too many connections to {0}: {1}", "End idle sessions (pg_stat_activity), or raise the limit: ALTER ROLE … CONNECTION LIMIT, ALTER DATABASE … CONNECTION LIMIT, or max_connections.");

    // 2xx: backups
    public static readonly ErrorDefinition DestinationUnusable = new("DBS201", ErrorKind.Missing,
        "cannot write to {0}: {1}", "Specify a folder that exists or can be created, and that this user can write to.");
    public static readonly ErrorDefinition DiskFull = new("DBS202", ErrorKind.Failed,
        "no space left on the disk of {0}", "The partial file was removed; existing backups were not changed. Free disk space and run the command again.");
    public static readonly ErrorDefinition ServerDiskFull = new("DBS233", ErrorKind.Failed,
        "no space left on the disk of the PostgreSQL server {0}: {1}", "The statement was rolled back. Free space on that server, but never delete files in pg_wal: check the replication slots (pg_replication_slots) and retained databases ({dbsafety retained list}), which can be the only copy of rows that were committed after a backup: compare or back up before {dbsafety retained remove}. Then run the command again.");
    public static readonly ErrorDefinition BackupStale = new("DBS234", ErrorKind.Verification,
        "no proven backup of {0} is at most {1} old", "Create one: {dbsafety backup create}. If backups are in other folders, specify them: {--path}.");
    public static readonly ErrorDefinition BackupFolderUnknown = new("DBS235", ErrorKind.Usage,
        "the log does not show where {0} are", "Specify the folders of the backups: {--path}.");
    public static readonly ErrorDefinition BackupNotFound = new("DBS203", ErrorKind.Missing,
        "no backup found at {0}", "Specify the path of a manifest (.json), or of the dump in the same folder as its manifest; in a comparison, specify a database by its URL (postgres://…) or env:NAME.");
    public static readonly ErrorDefinition BackupDamaged = new("DBS204", ErrorKind.Verification,
        "backup {0} is damaged: {1}", "Do not restore it over a live database. Use another backup, and check the storage that held this one. If there is no other, keep it: pg_restore can restore what it can read of the dump into a new database.");
    public static readonly ErrorDefinition ManifestMissing = new("DBS205", ErrorKind.Verification,
        "{0} has no manifest, so it is not a complete backup", "A set without its manifest (.json) was not completed, or its manifest was lost: it cannot be verified. If it is the only copy, give a copy of the dump a name that does not begin with backup_: it is then read as a dump of another tool.");
    public static readonly ErrorDefinition CountsDisagree = new("DBS206", ErrorKind.Verification,
        "the dump of {0} does not match the database: {1}", "No backup was created. Run it again. If it fails again for the same tables, check them and their indexes for corruption first (amcheck, pg_amcheck --heapallindexed): a count can read an index, while pg_dump reads the table. Otherwise it is a defect of DbSafety or of pg_dump.");
    public static readonly ErrorDefinition ManifestTooNew = new("DBS208", ErrorKind.Usage,
        "{0} was written by a newer version of DbSafety (format {1})", "Update DbSafety on this machine, or restore the dump with pg_restore or psql.");
    public static readonly ErrorDefinition CompressionUnavailable = new("DBS209", ErrorKind.Missing,
        "{0} requires zstd, and libzstd is not installed on this machine", "Install it (Debian: apt-get install libzstd1), or decompress the dump where it is installed.");
    public static readonly ErrorDefinition SchemaChangedDuringBackup = new("DBS210", ErrorKind.Failed,
        "tables of {0} were altered, truncated or locked by other sessions before the backup could lock them, in each of {1} attempts: {2}", "Run the backup when no session truncates, rewrites, alters or drops these tables, or exclude them from it. No backup was created.");
    public static readonly ErrorDefinition FileUnreadable = new("DBS211", ErrorKind.Missing,
        "cannot read {0}: {1}", "Check the path and this user's permissions.");
    public static readonly ErrorDefinition CompressionUnknown = new("DBS212", ErrorKind.Missing,
        "{0} is compressed with {1}, which DbSafety cannot read", "Decompress it, or create it again with another compression: pg_dump --compress=0 (or gzip, zstd). It was not verified.");
    public static readonly ErrorDefinition DumpEncrypted = new("DBS230", ErrorKind.Missing,
        "{0} is encrypted with {1}", "Decrypt it and use the dump: {2}. It was not verified.");
    public static readonly ErrorDefinition SeveralDumpsPacked = new("DBS231", ErrorKind.Usage,
        "{0} is a tar archive with several dumps: {1}", "Extract a dump (tar -xf {0} NAME) and use that file. Nothing was changed.");
    public static readonly ErrorDefinition DirectoryDumpPacked = new("DBS232", ErrorKind.Usage,
        "{0} is a tar archive with a dump in directory format: {1}", "Extract the folder (tar -xf {0}) and use it. Nothing was changed.");
    public static readonly ErrorDefinition SelectionEmpty = new("DBS220", ErrorKind.Usage,
        "no matching tables or schemas in {0}: {1}", "Patterns follow psql's rules: lower case unless quoted, wildcards * and ?, schema.table. A pattern without a schema matches only tables in the search path. Nothing was written.");
    public static readonly ErrorDefinition SelectionInvalid = new("DBS221", ErrorKind.Usage,
        "cannot back up {0}: {1}", "See pg_dump's --table, --exclude-table and --schema. Nothing was written.");
    public static readonly ErrorDefinition RetentionUnsaid = new("DBS222", ErrorKind.Usage,
        "no backups of {0} were removed: no retention is specified", "Specify {--keep-last}, {--keep-hourly}, {--keep-daily}, {--keep-weekly}, {--keep-monthly}, {--keep-yearly} (1 or more each), {--older-than} or {--max-size}.");
    public static readonly ErrorDefinition CompressionLevelInvalid = new("DBS223", ErrorKind.Usage,
        "{0} has no compression level {1}", "Specify 1 to {2}, or 0 for no compression. Nothing was written.");
    public static readonly ErrorDefinition DrillReaches = new("DBS225", ErrorKind.Missing,
        "the drill of {0} stopped because its restore connects to another server, which a drill does not allow: {1}", "The backup is intact: hashes and row counts are correct. A materialized view, an index or a constraint in it calls a function that connects to another server. To test the restore too, restore it on a server that can reach that other server.");
    public static readonly ErrorDefinition IntactNotRestorable = new("DBS226", ErrorKind.Verification,
        "backup {0} is intact, but it cannot be restored without errors: {1}", "Hashes and row counts are correct. Fix in the source database what the restore reports, and back up again. To use this backup, restore it with pg_restore or psql, which continue after an error, into a new database. An error in a COPY means that its table has no rows. Compare the new database with the backup before you use it.");
    public static readonly ErrorDefinition DumpOfOtherSystem = new("DBS227", ErrorKind.Usage,
        "{0} is a dump of {1}, not of PostgreSQL", "Restore dumps of pg_dump and pg_dumpall, or SQL scripts for PostgreSQL. Convert data of another database system first (https://pgloader.io). Nothing was changed.");
    public static readonly ErrorDefinition DumpNewerThanTool = new("DBS228", ErrorKind.Missing,
        "the dump was written by pg_dump {2}, but {0} {1} is the newest version on this machine", "Install {0} {2} or later (Debian: postgresql-client-{2}), or set DBSAFETY_PG_BIN to the folder that contains it. Nothing was changed.");
    public static readonly ErrorDefinition FileHoldsMore = new("DBS229", ErrorKind.Refused,
        "{0} contains other data besides a PostgreSQL dump: {1}", "{2} If the file is compressed, decompress it first. Nothing was changed.");
    public static readonly ErrorDefinition NothingToCompare = new("DBS224", ErrorKind.Usage,
        "{0} is neither a backup nor a fingerprint: {1}", "Specify a database URL, env:NAME, a manifest or dump, or a file with a fingerprint as JSON.");

    // 3xx: restores
    public static readonly ErrorDefinition RestoreMismatch = new("DBS301", ErrorKind.Verification,
        "the restored copy of {0} does not match the backup: {1}", "The new database was dropped. The existing database, if any, was not changed.");
    public static readonly ErrorDefinition RolesMissing = new("DBS302", ErrorKind.Refused,
        "roles of the backup do not exist on {0}: {1}", "{2} Nothing was changed.");
    public static readonly ErrorDefinition ExtensionsMissing = new("DBS303", ErrorKind.Refused,
        "extensions that the backup requires are not available on {0}: {1}", "Install their packages on the server, or skip them with {--skip-extension}. Nothing was changed.");
    public static readonly ErrorDefinition RightsMissing = new("DBS304", ErrorKind.Refused,
        "role {1} cannot swap databases on {0}: {2}", "Use a role that owns the database, has the CREATEDB privilege and can end other sessions (pg_signal_backend). Nothing was changed.");
    public static readonly ErrorDefinition SwapBlocked = new("DBS305", ErrorKind.Failed,
        "{0} could not be swapped: {1}", "PostgreSQL rolled back the renames: the live database is unchanged. If a session or prepared transaction blocks them (pg_stat_activity, pg_prepared_xacts), end it. Then run the command again.");
    public static readonly ErrorDefinition NothingToUndo = new("DBS306", ErrorKind.Missing,
        "no retained database of {0} was found", "Retained databases are named {0}_before_ followed by a time; they have possibly been dropped.");
    public static readonly ErrorDefinition LocaleMissing = new("DBS307", ErrorKind.Refused,
        "{0} cannot create a database with the locale and encoding of the backup: {1}", "Install the locale on the server, or create an empty database with the locale you want (CREATE DATABASE), and restore over it. Nothing was changed.");
    public static readonly ErrorDefinition ServerOlder = new("DBS308", ErrorKind.Refused,
        "{0} runs PostgreSQL {1}, but the backup is from PostgreSQL {2}", "Restore to PostgreSQL {2} or later. Nothing was changed.");
    public static readonly ErrorDefinition OptionNeedsArchive = new("DBS311", ErrorKind.Usage,
        "{0} is a plain dump, in which roles cannot be mapped and tables and extensions cannot be skipped", "Restore all of it (owners and privileges can be skipped), or use a dump in custom, tar or directory format. Nothing was changed.");
    public static readonly ErrorDefinition TablespacesMissing = new("DBS312", ErrorKind.Refused,
        "tablespaces of the backup do not exist on {0}: {1}", "Create them first (CREATE TABLESPACE …), as shown in the backup's globals file. Nothing was changed.");
    public static readonly ErrorDefinition PartOverLive = new("DBS313", ErrorKind.Refused,
        "{0} already exists, and only a part of the backup would replace it", "Restore the part under another name, and copy the data you need. Nothing was changed.");
    public static readonly ErrorDefinition TableNotInBackup = new("DBS314", ErrorKind.Usage,
        "the backup contains no table {0}", "It contains: {1}.");
    public static readonly ErrorDefinition RoleMapInvalid = new("DBS315", ErrorKind.Usage,
        "'{0}' is not a role mapping", "Specify OLD=NEW.");
    public static readonly ErrorDefinition TableNotRestored = new("DBS310", ErrorKind.Failed,
        "{0} could not be restored: {1}", "The new database was dropped. The existing database, if any, was not changed.");
    public static readonly ErrorDefinition NotInPlace = new("DBS318", ErrorKind.Refused,
        "{0} cannot be restored in place: {1}", "Restore to a new database (without the in-place mode), with a role that has the CREATEDB privilege. Nothing was changed.");
    public static readonly ErrorDefinition DumpNotForOne = new("DBS316", ErrorKind.Refused,
        "{0} contains several databases, and none of them is the one to restore: {1}", "Specify the name of one of these databases as the target. Nothing was changed.");
    public static readonly ErrorDefinition DumpRunsCommands = new("DBS317", ErrorKind.Refused,
        "{0} contains psql meta-commands: {1}", "psql would run them on this machine (\\!, \\i, \\copy) or in another database (\\connect), whatever database is specified. Inspect them, and restore a copy of the script without them. Nothing was changed.");
    public static readonly ErrorDefinition ExcerptOverLive = new("DBS320", ErrorKind.Refused,
        "the backup contains only a part of its database ({1}), and would replace {0}", "Restore it under a name that is not in use, or allow it to replace {0} ({--allow-excerpt}). Nothing was changed.");
    public static readonly ErrorDefinition RowsWithoutDefinitions = new("DBS321", ErrorKind.Refused,
        "the backup contains data without definitions, so {0} cannot be created from it", "Load its dump with pg_restore --data-only or psql into a database that has its tables. Nothing was changed.");
    public static readonly ErrorDefinition RestoredTwice = new("DBS328", ErrorKind.Usage,
        "two backups in the pipeline have the same target, {0} on {1}: {2} (the first) and {3}", "{3} was not restored. Pass one: Get-PgBackup … | Select-Object -First 1 | Restore-PgDatabase …");
    public static readonly ErrorDefinition NoGlobals = new("DBS322", ErrorKind.Usage,
        "{0} has no globals file, so roles cannot be created from it", "Create the roles manually, or skip owners and privileges ({--no-owner}){1}. Nothing was changed.");
    public static readonly ErrorDefinition RolesNotCreated = new("DBS323", ErrorKind.Refused,
        "role {1} could not be created on {0}: {2}", "Use a role with CREATEROLE (a superuser, if roles of the backup are superusers), or create the roles manually from the backup's globals file. Nothing was changed.");
    public static readonly ErrorDefinition NotRestorable = new("DBS329", ErrorKind.Failed,
        "{0} cannot be restored as it is in the backup: {1}", "A function depends on search_path. A restore sets it to an empty value, and PostgreSQL 17 and later set it to pg_catalog while they build an index. In the source database: ALTER FUNCTION ... SET search_path = ..., then back up again. If the source database no longer exists: pg_restore --section=pre-data into a new database, ALTER FUNCTION there, then --section=data and --section=post-data. The new database was dropped. The existing database, if any, was not changed.");
    public static readonly ErrorDefinition SessionsUnendable = new("DBS330", ErrorKind.Refused,
        "{1} cannot end all sessions in {0}: {2}", "Close these sessions, or use a superuser. GRANT pg_signal_backend TO the role covers the sessions of all roles except superusers. The live database was not changed.");
    public static readonly ErrorDefinition SwapUnknown = new("DBS331", ErrorKind.Failed,
        "it is unknown whether {0} was swapped: the connection was lost at COMMIT, and afterwards: {1}", "When the server is available: SELECT oid, datname FROM pg_database WHERE oid IN ({2}, {3}). If the row with oid {3} has datname {0}, the swap is committed, and the other database is the previous one; if the row with oid {2} has {0}, nothing was changed. Do not repeat the command before this check.");
    public static readonly ErrorDefinition PreparedTransactions = new("DBS332", ErrorKind.Refused,
        "prepared transactions are open in {0}: {1}", "End each with COMMIT PREPARED or ROLLBACK PREPARED. The live database was not changed.");
    public static readonly ErrorDefinition ServerReadOnly = new("DBS333", ErrorKind.Refused,
        "{0} is read-only: {1}", "{2} Nothing was changed.");
    public static readonly ErrorDefinition AlreadyUndone = new("DBS334", ErrorKind.Refused,
        "the last restore of {0} was already undone: the restored database is retained as {1}", "{0} is the database from before that restore. To go back further, specify a retained database: {dbsafety restore undo --to NAME}. Retained: {2}. Nothing was changed.");
    public static readonly ErrorDefinition NotRetained = new("DBS335", ErrorKind.Usage,
        "{1} is not a retained database of {0}", "Retained: {2}. Nothing was changed.");
    public static readonly ErrorDefinition NewNameUnknown = new("DBS337", ErrorKind.Failed,
        "it is unknown whether the restored database was renamed to {0}: the connection was lost at COMMIT, and afterwards: {1}", "When the server is available: SELECT datname FROM pg_database WHERE oid = {2}. If it is {0}, the restore is committed; if it is {3}, it was rolled back, and that database can be dropped. Do not repeat the command before this check.");
    public static readonly ErrorDefinition NotOfLastRestore = new("DBS336", ErrorKind.Refused,
        "{0} is not the database that took the place of {1}, the newest retained database", "{0} was restored or created again since, and what it replaced is not retained. To go back to {1}: {dbsafety restore undo --to \"{1}\"}. Retained: {2}. Nothing was changed.");
    public static readonly ErrorDefinition RetainedUnclear = new("DBS340", ErrorKind.Refused,
        "it is unclear whether {1} is the previous database of {0}", "It has no DbSafety mark (COMMENT ON DATABASE), and an unrelated database can have such a name. Check its contents. If it is the database you want: {dbsafety restore undo --to \"{1}\" --allow-unmarked}. Nothing was changed.");
    public static readonly ErrorDefinition RetainedByOther = new("DBS345", ErrorKind.Refused,
        "the owner of {1} could not have swapped {0}", "Any role with the CREATEDB privilege can give a database of its own such a name and mark. Check its contents and its owner. If it is the previous database, give it the owner of {0}, then run the command again: ALTER DATABASE {2} OWNER TO ... Nothing was changed.");
    public static readonly ErrorDefinition RetainedRenamed = new("DBS342", ErrorKind.Refused,
        "it is unclear which database is the previous database of {0}; these could be: {1}", "They were renamed, or belong to a database that was renamed. Check their contents. To use one of them while no session is connected to it or to {0}: ALTER DATABASE {0} RENAME TO {0}_old, then ALTER DATABASE with the name of that database RENAME TO {0}. Nothing was changed.");
    public static readonly ErrorDefinition RetainedNotSpecified = new("DBS338", ErrorKind.Usage,
        "no retained database of {0} is specified", "Specify names, or a minimum age in days ({--keep-days}). Names: {dbsafety retained list}. Nothing was changed.");
    public static readonly ErrorDefinition RetainedChanged = new("DBS339", ErrorKind.Refused,
        "{0} is no longer the retained database that was listed", "Another session dropped it, renamed it, swapped it in, or replaced its comment, which has the mark of DbSafety. Current databases: {dbsafety retained list}. Nothing was changed.");
    public static readonly ErrorDefinition RetainedNotDropped = new("DBS343", ErrorKind.Refused,
        "retained database {0} was not dropped: {1}", "It still exists with all its rows. Run the command again when no session uses it: SELECT * FROM pg_stat_activity WHERE datname = '{0}'. A connection pooler keeps idle sessions for some time.");
    public static readonly ErrorDefinition RetainedDropUnknown = new("DBS344", ErrorKind.Failed,
        "it is unknown whether retained database {0} was dropped: {1}", "When the server is available: {dbsafety retained list}. If it is listed, it was not dropped.");
    public static readonly ErrorDefinition SlotsLeftBehind = new("DBS341", ErrorKind.Refused,
        "{0} has logical replication slots, which would stay with the retained database: {1}", "After the swap their consumers, which connect to {0}, cannot read them (replication slot was not created in this database), and each slot retains WAL until it is dropped: the disk of the server can become full. Stop the consumers and drop the slots (pg_drop_replication_slot), then create them again with a new initial copy after the swap; or keep them ({--allow-slot-loss}) and drop them soon. Nothing was changed.");

    public static readonly ErrorDefinition InPlaceBlocked = new("DBS324", ErrorKind.Refused,
        "{0} cannot be restored in place now: {1}", "{2}The transaction of the restore was rolled back or not started: the database is unchanged. Run the command again when the other sessions have finished.");
    public static readonly ErrorDefinition InPlaceRolledBack = new("DBS325", ErrorKind.Failed,
        "the restore of {0} in place failed and was rolled back: {1}", "The server reports the transaction as aborted: the database is unchanged.");
    public static readonly ErrorDefinition InPlaceUnknown = new("DBS326", ErrorKind.Failed,
        "it is unknown whether the restore of {0} in place was committed: {1}", "The server did not respond. When it does: SELECT txid_status({2}) in that database. If it returns in progress, repeat it later; committed: restored; aborted: not changed. {3}");
    public static readonly ErrorDefinition InPlaceMismatch = new("DBS327", ErrorKind.Verification,
        "the data restored in place to {0} does not match the backup: {1}", "The server reports the transaction as aborted: the database is unchanged.");

    // 4xx: migrations
    public static readonly ErrorDefinition MigrationsNotFound = new("DBS401", ErrorKind.Usage,
        "no migrations found in {0}: {1}", "Specify a Prisma folder (with migrations/), its migrations folder, or a folder of *.sql files.");
    public static readonly ErrorDefinition HistoryHasProblems = new("DBS402", ErrorKind.Refused,
        "the migration history of {0} has problems: {1}", "{2}");
    public static readonly ErrorDefinition GateRefused = new("DBS403", ErrorKind.Refused,
        "{0} would lose data: {1}", "Nothing was changed. To continue, {3}allow each loss: {2}");
    public static readonly ErrorDefinition RehearsalFailed = new("DBS404", ErrorKind.Refused,
        "the rehearsal on a copy of {0} failed: {1}", "{2} Fix the migration and run it again.");
    public static readonly ErrorDefinition RehearsalLost = new("DBS405", ErrorKind.Refused,
        "the rehearsal on a copy of {0} lost more data than was allowed: {1}", "{2} Allow what you accept, or fix the migration.");
    public static readonly ErrorDefinition MigrationFailed = new("DBS406", ErrorKind.Failed,
        "migration {0} failed: {1}", "{2}");
    public static readonly ErrorDefinition AllowUnknown = new("DBS407", ErrorKind.Usage,
        "'{0}' matches no pending data loss", "What can be allowed: {1}");
    public static readonly ErrorDefinition NoRehearsal = new("DBS408", ErrorKind.Missing,
        "cannot rehearse the migration of {0}: {1}", "{2}, or skip the rehearsal ({--skip-rehearsal}).");
    public static readonly ErrorDefinition LossRolledBack = new("DBS409", ErrorKind.Refused,
        "the migration of {0} would lose more data than was allowed: {1}", "{2} To accept the loss: {3}");
    public static readonly ErrorDefinition LossCommitted = new("DBS461", ErrorKind.Verification,
        "the migration of {0} lost more data than was allowed: {1}", "{2} The count includes rows that other sessions deleted while it ran: compare the data with the backup before you restore.");
    public static readonly ErrorDefinition MigrationsUnsupported = new("DBS410", ErrorKind.Usage,
        "{0} cannot be run: {1}", "Nothing was changed. Run it with its own tool ({--command}), or put each migration into a separate file without its undo part.");
    public static readonly ErrorDefinition WrongProvider = new("DBS411", ErrorKind.Usage,
        "{0} is for {1}, not for PostgreSQL", "Specify the migrations of a project whose datasource is postgresql.");
    public static readonly ErrorDefinition WouldFail = new("DBS412", ErrorKind.Refused,
        "the migration of {0} would fail{1}: {2}", "Nothing was changed. {3}");
    public static readonly ErrorDefinition ResolveRefused = new("DBS413", ErrorKind.Usage,
        "{0} cannot be marked as {1}: {2}", "Nothing was changed. List the migrations to see their states.");
    public static readonly ErrorDefinition JournalUnreadable = new("DBS414", ErrorKind.Failed,
        "Drizzle's journal {0} cannot be read: {1}", "Restore it from version control. Do not generate it again: without the journal, drizzle-kit generate writes a first migration that creates all tables again.");
    public static readonly ErrorDefinition DrizzleConfigUnreadable = new("DBS415", ErrorKind.Usage,
        "{0} computes {1}, so the migration history table is unknown", "Write the value in that file as a plain string.");
    public static readonly ErrorDefinition BaselineCheck = new("DBS416", ErrorKind.Refused,
        "{0} has no migration history: {1} records nothing, but objects that the pending migrations create already exist: {2}", "Nothing was changed. Find out which of the pending migrations the database already contains. Only if it contains all of them: {3}. If it contains only the first ones, specify the last of these instead: all migrations up to the specified one are marked as applied, and never run. Prisma reports this as P3005, and calls the solution baselining.");
    public static readonly ErrorDefinition CommandFailed = new("DBS417", ErrorKind.Failed,
        "the command {0} failed: {1}", "Run it manually on a copy to see more; {--verbose} shows its complete output.");
    public static readonly ErrorDefinition CommandMissing = new("DBS418", ErrorKind.Missing,
        "the command {0} cannot be started: {1}", "Specify the program and its arguments. It is run without a shell: pipes and variables are not supported.");
    public static readonly ErrorDefinition CommandIncomplete = new("DBS419", ErrorKind.Verification,
        "the command {0} succeeded, but {1}", "Check that it takes its database from DATABASE_URL, and its migrations from this folder.");
    public static readonly ErrorDefinition CommandElsewhere = new("DBS420", ErrorKind.Refused,
        "the command {0} would use a database other than the specified one: {1}", "Nothing was run. Specify a database and a container that belong together.");
    public static readonly ErrorDefinition CountChanged = new("DBS421", ErrorKind.Refused,
        "{0} would lose data that the safety check did not count: {1}", "{2} Other sessions or earlier statements can have changed the data since then. To continue, allow each loss: {3}");
    public static readonly ErrorDefinition HistoryChanged = new("DBS422", ErrorKind.Refused,
        "the migration history of {0} ({1}) has changed since this run began: {2}", "{3} was not run. Run the command again: it starts from the current migration history.");
    public static readonly ErrorDefinition ScriptRefused = new("DBS430", ErrorKind.Refused,
        "migration {0} cannot be run: {1}", "Nothing was changed. {2}");
    public static readonly ErrorDefinition OutcomeUnknown = new("DBS431", ErrorKind.Failed,
        "the connection to {0} was lost, and it is unknown whether {1} was committed: {2}", "Check before you run anything else: {3}");
    public static readonly ErrorDefinition ResumeRefused = new("DBS432", ErrorKind.Refused,
        "migration {0} cannot resume where it stopped: {1}", "No further statement was run. {2}");
    public static readonly ErrorDefinition PartsCommitted = new("DBS433", ErrorKind.Failed,
        "migration {0} failed, and a part of it is committed although it was run as a single transaction: {1}", "Check what is committed before you run anything else.");
    public static readonly ErrorDefinition CountsOff = new("DBS434", ErrorKind.Refused,
        "cannot count the rows that the migration of {0} deletes: {1}", "The migration was not committed. PostgreSQL counts the rows that a transaction writes only while track_counts is on: reset it (ALTER ROLE … RESET track_counts, ALTER DATABASE … RESET track_counts), or allow every loss ({--allow-all}).");
    public static readonly ErrorDefinition LossOutside = new("DBS435", ErrorKind.Refused,
        "the migration of {0} would write to data that no backup of it contains: {1}", "{2} was rolled back. To continue, allow each loss: {3}");
    public static readonly ErrorDefinition PinFailed = new("DBS436", ErrorKind.Refused,
        "backup {0} cannot be pinned, so retention could remove it: {1}", "Nothing was changed. The backup would be the only copy of the data that the migration is allowed to lose. Pass 0 days to run without a pin ({--pin-for 0}).");
    public static readonly ErrorDefinition SinceUnsaved = new("DBS437", ErrorKind.Refused,
        "rows of {0} that were written after the backup, and that the migration is allowed to lose, cannot be saved: {1}", "{2}");
    public static readonly ErrorDefinition CatalogLocked = new("DBS438", ErrorKind.Refused,
        "{0} holds an ACCESS EXCLUSIVE lock on system catalog {1}", "{0} was rolled back. While it holds this lock, no other session can read the catalog, so the data loss of the script cannot be checked. Remove the LOCK TABLE, CLUSTER or REINDEX of the catalog from the script.");
    public static readonly ErrorDefinition DumpOfSeveral = new("DBS439", ErrorKind.Usage,
        "dump {0} cannot be compared: it contains several databases: {1}", "Compare it with a database that has the same name as the database in the dump.");
    public static readonly ErrorDefinition ConcurrentWrites = new("DBS440", ErrorKind.Refused,
        "{0} was not replaced by its backup: {1}", "A restore would discard what other sessions have committed. {0} is as the failed migration left it: compare it with the backup, and correct it or restore the backup.");
    public static readonly ErrorDefinition ProductionChanged = new("DBS450", ErrorKind.Verification,
        "{0} itself was possibly changed during the rehearsal on a copy: {1}; the rehearsal: {2}", "Either the rehearsal reached {0} (if it is a command: does it take its database from DATABASE_URL?), or other sessions wrote at the same time. Check before you run anything else: {3}");
    public static readonly ErrorDefinition RehearsalNotIsolated = new("DBS451", ErrorKind.Refused,
        "the migration of {0} cannot be rehearsed without affecting systems outside the copy: {1}; the copy is not isolated: {2}",
        "The database was not changed. Rehearse on Linux as root or with user namespaces permitted, or with a Docker engine, where the copy is isolated; or check these statements and skip the rehearsal ({--skip-rehearsal}).");
    public static readonly ErrorDefinition RehearsalReached = new("DBS452", ErrorKind.Refused,
        "the rehearsal on a copy of {0} stopped at a statement that connects to another server, which a rehearsal does not allow: {1}",
        "{2} The statements before it succeeded on the copy. Put the statement into a separate migration, or skip the rehearsal ({--skip-rehearsal}).");
    public static readonly ErrorDefinition RehearsalServersKept = new("DBS453", ErrorKind.Refused,
        "the foreign servers of the copy of {0} could not be redirected: {1}",
        "The database was not changed. The rehearsal would have connected to them. Change their owner to the role (ALTER SERVER … OWNER TO …), or rehearse on a temporary server.");
    public static readonly ErrorDefinition NoRetry = new("DBS454", ErrorKind.Failed,
        "could not obtain a lock in database {0} within {1} ({2}), and the script is not retried: {3}",
        "Its effects outside the database were not rolled back. Check them before you run it again.");
    public static readonly ErrorDefinition NotRepeated = new("DBS455", ErrorKind.Failed,
        "{0} runs COMMIT or ROLLBACK in a procedure or DO block, so it cannot run as one transaction and would have to be run a second time: {1}",
        "Its effects outside the database were not rolled back; everything else was. Run the procedure in a separate migration.");

    public static readonly ErrorDefinition CopyNotDisabled = new("DBS460", ErrorKind.Refused,
        "the copy of {0} is not isolated, and its connections to other servers cannot be disabled: {1}",
        "The database was not changed, and the incomplete copy was removed. Rehearse on Linux as root or with user namespaces permitted, or with a Docker engine, where the copy is isolated; or as a superuser; or skip the rehearsal ({--skip-rehearsal}).");
    public static readonly ErrorDefinition CommandNotIsolated = new("DBS456", ErrorKind.Refused,
        "the command {0} cannot be isolated from {1} in its rehearsal: {2}", "Nothing was run. Isolation requires Linux with unshare (util-linux), and either unprivileged user namespaces or root with CAP_SYS_ADMIN. To rehearse without isolation: {--allow-unisolated-command}; a command that does not take the address from the variables set for it then connects to {1} itself. To skip the rehearsal: {--skip-rehearsal}.");
    public static readonly ErrorDefinition CommandMissedCopy = new("DBS457", ErrorKind.Refused,
        "the rehearsal of {0} on a copy of {1} failed: {2}", "{1} was not reached: during a rehearsal the command can connect only to the copy, and to no other address of the network. The copy's address is in {3}. A command that takes it from elsewhere (a literal, a file that overrides variables) or downloads its programs (npx: install them before) cannot be rehearsed in isolation. To rehearse without isolation: {--allow-unisolated-command}; to skip the rehearsal: {--skip-rehearsal}.");
    public static readonly ErrorDefinition InputChanged = new("DBS463", ErrorKind.Refused,
        "the migrations in {0} have changed since this run began, so they differ from those that were analysed and rehearsed: {1}", "{2} was not run on the database. If it writes migrations itself, use a command that only applies them (prisma migrate deploy, not prisma migrate dev); then check these files and run it again.");
    public static readonly ErrorDefinition CopyReaches = new("DBS464", ErrorKind.Refused,
        "{0} cannot be restored to an isolated copy: {1}", "The database was not changed, and the incomplete copy was removed. A materialized view, an index or a constraint in it calls a function that connects to another server. Skip the rehearsal ({--skip-rehearsal}).");
    public static readonly ErrorDefinition PoolerKeepsLocks = new("DBS465", ErrorKind.Refused,
        "{0} is a connection pooler that does not release the advisory locks of a closed connection", "Connect to the server itself, or set PgBouncer's server_reset_query to DISCARD ALL. If this program is killed, its locks stay on a server connection of the pool. {1}");
    public static readonly ErrorDefinition LockKept = new("DBS466", ErrorKind.Refused,
        "the lock of a DbSafety run on {0} is held by a session that is not a DbSafety run: {1}", "Nothing was changed. A connection pooler keeps the server session of a run that was killed. Make sure that no DbSafety run is active, then end that session: SELECT pg_terminate_backend({2});");
    public static readonly ErrorDefinition CommandSkipped = new("DBS467", ErrorKind.Verification,
        "the command {0} succeeded on {1}, but no transaction wrote to it: the changes of its rehearsal are missing there", "The database was not changed. A tool that keeps its history in a file of the project (umzug, node-migrate) writes that file in the rehearsal and then finds no pending migrations: restore the file, and keep the history in the database, or skip the rehearsal ({--skip-rehearsal}).");
    public static readonly ErrorDefinition CommandChangedNothing = new("DBS458", ErrorKind.Verification,
        "the command {0} succeeded in its rehearsal, but changed nothing on the copy of {1}: {2}", "Check that it takes its database from {3}. A command that works on another database cannot be rehearsed.");
    public static readonly ErrorDefinition CommandAtProduction = new("DBS459", ErrorKind.Verification,
        "the rehearsal of the command {0} was stopped: a session waited to write to the migration history of {1} itself: {2}", "Either the command uses an address other than that of the copy, or another tool was about to migrate. The rows of {1} were compared with the backup afterwards: none were written. Configure the command to take its database from DATABASE_URL or PGHOST, PGPORT and PGDATABASE.");
    public static readonly ErrorDefinition OtherHistory = new("DBS470", ErrorKind.Refused,
        "{0} has another tool's migration history: {1} has {2}", "Nothing was changed. What that tool has applied would run a second time. Run it with that tool's own command ({--command}), or: {3}");
    public static readonly ErrorDefinition ToolNeedsCommand = new("DBS471", ErrorKind.Refused,
        "{0} contains migrations of {1}, which records them in {2}; only its own command can run them", "Nothing was changed. Specify the command, which is rehearsed on a copy first: {3}");
    public static readonly ErrorDefinition ToolHistoryOwn = new("DBS472", ErrorKind.Refused,
        "{0} is the migration history of {1}, which only {1} writes", "Nothing was changed. Use {1} itself; {2} applies its migrations.");
    public static readonly ErrorDefinition ProjectAmbiguous = new("DBS473", ErrorKind.Usage,
        "{0} contains more than one set of migrations: {1}", "Nothing was changed. Specify the folder of one of them.");
    public static readonly ErrorDefinition ToolUnreadable = new("DBS474", ErrorKind.Usage,
        "{0} contains a migration of {1} that is a program, or whose history cannot be read", "Nothing was changed. Run it with its own command: {--command '{2}'}; the command is rehearsed on a copy first.");
    public static readonly ErrorDefinition PrismaConfigUnreadable = new("DBS475", ErrorKind.Usage,
        "{0} computes {1}, so the migrations folder is unknown", "Specify the migrations folder itself, or write the value in that file as a plain string.");
    public static readonly ErrorDefinition HistoryAmbiguous = new("DBS476", ErrorKind.Usage,
        "{0} has more than one migration history of {1}: {2}", "Nothing was changed. List each with {1} itself.");
    public static readonly ErrorDefinition ToolFileUnreadable = new("DBS477", ErrorKind.Usage,
        "{0} cannot be read as {1} reads it: {2}", "Nothing was changed. Correct the file, or specify the migrations folder itself.");
    public static readonly ErrorDefinition PlaceholderMissing = new("DBS478", ErrorKind.Usage,
        "{0} line {1}: no value for the placeholder {2}", "Nothing was changed. Flyway rejects the script too: specify flyway.placeholders.{3} in flyway.toml or flyway.conf, or FLYWAY_PLACEHOLDERS_{3} in the environment.");
    public static readonly ErrorDefinition NotUtf8 = new("DBS479", ErrorKind.Usage,
        "{0} is not UTF-8: {1} has invalid bytes", "Nothing was changed. Save the file as UTF-8.");

    public static readonly ErrorDefinition DoubtfulFile = new("DBS480", ErrorKind.Refused,
        "{0} is pending, but is possibly not a migration: {1}", "Nothing was changed. If it is a migration, rename it, with a unique number and a name that describes its changes. If it is not, move it out of the folder. If it has been applied or must never run: {dbsafety migration resolve \"{2}\" --applied \"{0}\"}.");

    public static readonly ErrorDefinition SqlNextToMigrations = new("DBS481", ErrorKind.Refused,
        "{0} has SQL files, and {1} has migrations of {2}; the SQL files can belong to those", "Nothing was changed. If the SQL files are separate migrations, specify {--source sql}. Otherwise specify the folder {1}{3}.");
    public static readonly ErrorDefinition HistoryNameUnknown = new("DBS482", ErrorKind.Refused,
        "{0} has no migration history with the name that {1} uses, but {2} has its columns and lists versions of these files", "Nothing was changed. Whether it is the history of these files or not, write the table name into the configuration of {1} that is read here (docs/layouts.md): {3}.");
    public static readonly ErrorDefinition OrderUnknown = new("DBS483", ErrorKind.Refused,
        "the order of the migrations {0} and {1} depends on the language of the machine that Prisma runs on", "Nothing was changed. Prisma sorts its folders by the collation of a language, in which the order of non-ASCII letters differs. Rename a folder that has not been applied anywhere, so that the leading numbers differ, or run prisma migrate deploy itself with {--command}.");
    public static readonly ErrorDefinition FileOrderUnknown = new("DBS484", ErrorKind.Refused,
        "{0} is pending, but its order among the SQL files is uncertain: {1}", "Nothing was changed. Rename the files that have not been applied anywhere, so that each name begins with a number (001_name.sql), with a date with the year first (20240131_name.sql), or with the same word before the number (migration_1.sql).");
    public static readonly ErrorDefinition ToolRunsUndo = new("DBS485", ErrorKind.Usage,
        "{0} undoes a migration, but {1} would run it as a migration", "Nothing was changed. {2}");
    public static readonly ErrorDefinition HistoryElsewhere = new("DBS486", ErrorKind.Refused,
        "{0} has no migration history for the schema that this connection uses ({1}), but {2} lists files of this folder as applied in another schema", "Nothing was changed. If the migrations belong to schema {3}, connect with it: add ?search_path={3} to the URL (for Prisma ?schema={3}). If they belong to {1}, where they have not been applied, specify that in the same way: ?search_path={1} (?schema={1}).");
    public static readonly ErrorDefinition FilesListed = new("DBS487", ErrorKind.Refused,
        "{0} has a table that looks like a migration history with pending files: {1} lists {2}", "Nothing was changed. If {1} records what has been applied, these files would run a second time: {3}");
    public static readonly ErrorDefinition ProgramProject = new("DBS488", ErrorKind.Usage,
        "{0} is the folder of a project whose migrations are programs of {1} ({2})", "Nothing was changed. Run them with their own command: {--command '{3}'}; the command is rehearsed on a copy first. If there are SQL files that are separate migrations, specify their folder.");
    public static readonly ErrorDefinition HistoryLocked = new("DBS489", ErrorKind.Failed,
        "could not read the migration history of {0}: table {1} is locked by {2}", "Nothing was changed. Wait until that session ends its transaction, or end it with pg_terminate_backend(pid), and run the command again. VACUUM FULL, CLUSTER, ALTER TABLE, LOCK TABLE and an unfinished migration hold locks that also block reads.");
    public static readonly ErrorDefinition NoMigrationsFolder = new("DBS490", ErrorKind.Refused,
        "{0} contains, by its name, {1}", "Nothing was changed. If its files are migrations, specify {--source sql}{2}.");
    public static readonly ErrorDefinition FilesOfTwoKinds = new("DBS491", ErrorKind.Refused,
        "{0} has migrations with two kinds of names: {1} is a name of {2}, which does not read {3}", "Nothing was changed. Only the names show which tool the folder belongs to, and the other files would be skipped. Rename the files so that all names are of the same kind, or move files that are not migrations out of the folder. If all are plain SQL files, specify {--source sql}.");

    // 5xx: Docker
    public static readonly ErrorDefinition EngineUnreachable = new("DBS501", ErrorKind.Missing,
        "no Docker engine responds at {0}: {1}", "Start it (systemctl start docker), or specify its address in DOCKER_HOST.");
    public static readonly ErrorDefinition EngineForbidden = new("DBS502", ErrorKind.Missing,
        "permission denied on the Docker engine at {0}", "Run it as root or as a member of the group docker.");
    public static readonly ErrorDefinition EngineTooOld = new("DBS503", ErrorKind.Missing,
        "the Docker engine at {0} supports API {1}; DbSafety requires 1.41", "Update the engine to 20.10 or later.");
    public static readonly ErrorDefinition ContainerUnknown = new("DBS504", ErrorKind.Missing,
        "container {0} does not exist", "{1}");
    public static readonly ErrorDefinition ContainerAmbiguous = new("DBS505", ErrorKind.Usage,
        "{0} matches more than one container", "Specify the full name or more of the ID: {1}.");
    public static readonly ErrorDefinition ContainerStopped = new("DBS506", ErrorKind.Missing,
        "container {0} is not running", "Start it: docker start {0}.");
    public static readonly ErrorDefinition EngineFailed = new("DBS507", ErrorKind.Failed,
        "the Docker engine at {0} reported an error: {1}", "Check the engine's log (journalctl -u docker).");
    public static readonly ErrorDefinition EngineAddressInvalid = new("DBS508", ErrorKind.Usage,
        "invalid Docker engine address '{0}': {1}", "Specify the engine's socket or address in DOCKER_HOST: unix:///var/run/docker.sock, npipe:////./pipe/docker_engine or tcp://HOST:2375.");
    public static readonly ErrorDefinition EngineTooNew = new("DBS509", ErrorKind.Missing,
        "the Docker engine at {0} supports only API {1} and later; this DbSafety supports up to {2}", "Update DbSafety.");
    public static readonly ErrorDefinition NoTemporaryServer = new("DBS510", ErrorKind.Missing,
        "{0} requires a temporary PostgreSQL server, and this machine cannot start one: {1}", "Install the PostgreSQL server programs: {2}");
    public static readonly ErrorDefinition ImageUnavailable = new("DBS511", ErrorKind.Missing,
        "image {0} is unavailable: {1}", "Pull it manually (docker pull {0}), or load it (docker load).");
    public static readonly ErrorDefinition ContainerNotPostgres = new("DBS512", ErrorKind.Usage,
        "container {0} does not look like a PostgreSQL server: {1}", "Specify the container of the database.");
    public static readonly ErrorDefinition ContainerUnreachable = new("DBS513", ErrorKind.Missing,
        "cannot connect to the database in container {0} from this machine: {1}", "Run DbSafety where the container's network is reachable, or create the container again with a published port (-p 127.0.0.1:5432:5432) or an image that has bash, perl, socat or nc. Before that, run {dbsafety volume test \"{0}\"}: the new container does not have data that is not on a named volume or a bind mount.");
    public static readonly ErrorDefinition VolumeUnknown = new("DBS514", ErrorKind.Missing,
        "volume {0} does not exist", "{1}");
    public static readonly ErrorDefinition VolumeHasNoCluster = new("DBS515", ErrorKind.Missing,
        "volume {0} contains no PostgreSQL cluster", "{dbsafety volume find} lists the volumes that do.");
    public static readonly ErrorDefinition VolumeInUse = new("DBS516", ErrorKind.Refused,
        "a server is running on volume {0}: {1}", "Nothing was changed. Back up through it: {dbsafety backup create --container {1}}");
    public static readonly ErrorDefinition VolumeNotReadable = new("DBS517", ErrorKind.Failed,
        "cannot start the cluster on volume {0} from a copy: {1}", "The volume was not changed. {2}");
    public static readonly ErrorDefinition ContainerToolUnfit = new("DBS518", ErrorKind.Missing,
        "the programs inside the container do not support {0}: {1}", "Install the PostgreSQL client programs on this machine (Debian: apt-get install postgresql-client).");
    public static readonly ErrorDefinition ComposeFileUnreadable = new("DBS530", ErrorKind.Usage,
        "{0} cannot be read as a compose file: {1}", "docker compose config shows what is wrong with it.");
    public static readonly ErrorDefinition ComposeFileNotUp = new("DBS531", ErrorKind.Missing,
        "no database container was created from {0} (its project name would be {1})", "{2}");
    public static readonly ErrorDefinition InstallFailed = new("DBS532", ErrorKind.Missing,
        "the PostgreSQL server programs could not be installed: {0}", "Run it manually: {1}");
    public static readonly ErrorDefinition PowerShellUnavailable = new("DBS533", ErrorKind.Missing,
        "the demo cannot run in PowerShell: {0}", "{1}");
    public static readonly ErrorDefinition RuleUnknown = new("DBS520", ErrorKind.Usage,
        "rule {0} does not exist", "Similar rules: {1}. All rules: docs/rules.");
    public static readonly ErrorDefinition InputTwice = new("DBS521", ErrorKind.Usage,
        "standard input cannot be read twice, for {0} and for {1}", "Specify one of them in another way: a file, or {--database-url env:NAME}.");

    // 9xx: everything else
    public static readonly ErrorDefinition NeedsAnswer = new("DBS901", ErrorKind.Refused,
        "{0} requires confirmation, and cannot ask for it", "Specify {--yes} to answer all questions with yes.");
    public static readonly ErrorDefinition Cancelled = new("DBS902", ErrorKind.Cancelled,
        "{0} was cancelled", "Files of incomplete steps have been removed. What was completed before is in the log: {dbsafety log}.");
    public static readonly ErrorDefinition OutputNotWritten = new("DBS346", ErrorKind.Output,
        "the output could not be written: {0}", "The command did what it printed to standard error, above: do not repeat it because of this error. Check the disk, or the program that reads the output.");
    public static readonly ErrorDefinition Unexpected = new("DBS999", ErrorKind.Failed,
        "{0} failed unexpectedly: {1}", "This is a defect of DbSafety. Please report it with the text above.");

    /// <summary>Errors after which it is unknown what was committed. They are reported even if the command was cancelled.</summary>
    public static IReadOnlyList<ErrorDefinition> UnknownOutcomes { get; } = [SwapUnknown, NewNameUnknown, RetainedDropUnknown, InPlaceUnknown, OutcomeUnknown];

    /// <summary>All errors, for documentation and tests.</summary>
    public static IReadOnlyList<ErrorDefinition> All { get; } =
        [.. typeof(ErrorCatalogue).GetFields().Where(f => f.FieldType == typeof(ErrorDefinition)).Select(f => (ErrorDefinition)f.GetValue(null)!)];
}
