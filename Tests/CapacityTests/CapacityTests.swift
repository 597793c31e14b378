// CapacityTests
