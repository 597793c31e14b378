// The engine on a store in memory and a clock that tests set: batches, faults, expiry, restarts, subscriptions.
// Not for the rules (CapacityTests) nor for stores (StorageTests).
// The one thing to know: `Bench` drives a lane without a thread, `Shop` a whole engine.
