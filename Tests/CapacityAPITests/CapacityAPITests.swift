// Handlers, error table and watches, in process over loopback, on a store in memory and a clock that tests set.
// Not for the rules themselves (CapacityTests) nor for what every server of the contract does (ContractTests).
// The one thing to know: `House` is a whole server; what it sells is put there by the engine's commands.
