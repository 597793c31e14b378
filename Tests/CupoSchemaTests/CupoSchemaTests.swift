// CupoSchemaTests
