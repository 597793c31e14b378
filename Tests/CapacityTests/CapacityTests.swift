// The pure core: time, calendar, evaluator and ledger, without engine, store or wire.
// Not for the engine's batches (CapacityEngineTests) nor the wire (CapacityAPITests).
// The one thing to know: SYSTEM.md is what these tests hold the core to, not the code.
