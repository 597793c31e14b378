// CapacityAPITests
