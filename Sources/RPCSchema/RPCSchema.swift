// What gRPC itself says over the wire: status details, health, reflection; generated from
// proto/google and proto/grpc. Not for Cupo's own messages, which are CupoSchema. Before changing
// anything in Generated: change the proto files or protoc-gen-cupo, and run `make proto`.
