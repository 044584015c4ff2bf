namespace EseErp.Messaging.Tests;

public sealed class PumpTests(TestDatabases databases) : PumpSpec(databases);

public sealed class PumpFailureTests(TestDatabases databases) : PumpFailureSpec(databases);

public sealed class DeadLetterTests(TestDatabases databases) : DeadLetterSpec(databases);

public sealed class RelayTests(TestDatabases databases) : RelaySpec(databases);

public sealed class ReplayTests(TestDatabases databases) : ReplaySpec(databases);

public sealed class KafkaPumpTests(TestDatabases databases, RealKafkaEngine kafka) : PumpSpec(databases, kafka), IClassFixture<RealKafkaEngine>;

public sealed class KafkaPumpFailureTests(TestDatabases databases, RealKafkaEngine kafka) : PumpFailureSpec(databases, kafka), IClassFixture<RealKafkaEngine>;

public sealed class KafkaDeadLetterTests(TestDatabases databases, RealKafkaEngine kafka) : DeadLetterSpec(databases, kafka), IClassFixture<RealKafkaEngine>;

public sealed class KafkaRelayTests(TestDatabases databases, RealKafkaEngine kafka) : RelaySpec(databases, kafka), IClassFixture<RealKafkaEngine>;

public sealed class KafkaReplayTests(TestDatabases databases, RealKafkaEngine kafka) : ReplaySpec(databases, kafka), IClassFixture<RealKafkaEngine>;
