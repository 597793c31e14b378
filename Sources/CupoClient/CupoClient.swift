// CupoClient
