namespace EseErp.Messaging.Tests;

public sealed class PumpTests(TestDatabases databases) : PumpSpec(databases);

public sealed class PumpFailureTests(TestDatabases databases) : PumpFailureSpec(databases);

public sealed class DeadLetterTests(TestDatabases databases) : DeadLetterSpec(databases);

public sealed class RelayTests(TestDatabases databases) : RelaySpec(databases);

public sealed class ReplayTests(TestDatabases databases) : ReplaySpec(databases);

public sealed class OrderTests(TestDatabases databases) : OrderSpec(databases);

public sealed class OffsetTests(TestDatabases databases) : OffsetSpec(databases);

public sealed class BadMessageTests(TestDatabases databases) : BadMessageSpec(databases);

public sealed class SlowMessageTests(TestDatabases databases) : SlowMessageSpec(databases);
