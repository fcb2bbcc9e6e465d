namespace DbSafety.Migrations.Applying.Scripts;

/// <summary>The identification of a transaction for queries in other sessions.</summary>
/// <param name="Id">Its 64-bit transaction ID.</param>
/// <param name="Pid">The server process that it runs in.</param>
internal sealed record OpenTransaction(long Id, int Pid);
