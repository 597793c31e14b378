// CupoContract
