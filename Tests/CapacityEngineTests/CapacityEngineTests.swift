// CapacityEngineTests
