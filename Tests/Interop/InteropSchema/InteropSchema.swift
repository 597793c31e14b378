// The messages of gRPC's interoperability test service, generated from Tests/Interop/proto. Not for the product, which
// never sees it. Before changing anything in Generated: change the proto files or protoc-gen-cupo, and run `make proto`.
