// CapacityEngine
