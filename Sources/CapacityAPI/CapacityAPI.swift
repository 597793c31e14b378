// CapacityAPI
