// Capacity
