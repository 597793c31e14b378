// CupoSchema
