// RPCSchema
