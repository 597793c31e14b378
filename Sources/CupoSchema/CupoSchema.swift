// The contract in Swift: messages, services, rules and error reasons, generated from proto/cupo.
// Not for behaviour: what a message means is decided by CapacityAPI and the domain behind it.
// Before changing anything in Generated: change the proto files or protoc-gen-cupo, and run `make
// proto`.
