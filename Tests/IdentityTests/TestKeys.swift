/// Keys for tests only: they open nothing.
enum TestKeys {
  static let rsa = """
    -----BEGIN PRIVATE KEY-----
    MIIEvgIBADANBgkqhkiG9w0BAQEFAASCBKgwggSkAgEAAoIBAQDiWPIWJWqRef3t
    5e3RGGXDnG9CN9cVzkiKFaV4fprGQIZ+id/qmuzLzdXSYFve6sdfkc3QdAHJp0w2
    KMJv3tQjsjnvV+kk01XDJWyEC7fLyWyO/3IgIg6THiVUaHD4QZLjlm8saS88XZGr
    K0TLh2w0VBdQIGzXa0BSfrZd3XJewWqEpBdOzIZX7d2MkhYm28PUiN7agVeFsP4v
    /EF53ymq2YjOxRCdm1vd/Tin0dW+da0hX0s71GgTBJq2AqW9FxqY/ndOD5Nf8btj
    zdWLo2cBljM5O77yzzDCwNikJBglJ05WzLh5gZGIpMuq7P4etQwPCk7DKmtrlee8
    ab3pBSnTAgMBAAECggEAIfSU8JSRXZyO5uro18bQsV0c5bKpzgghorFnnuFjR51z
    b7UwRaoTHunUi1hQP+s5mJEvbneQsxcpXDCWJqEnculwPoMSIyefBITvOAnn+ybO
    5c7VaJOjWxeZIwX9+IghyImPSPrIjsY8rZBypBO/PERnMOqEWXap8hY3NnKbjzIt
    dS9PXYxNSCX7p3M2FWM0+0W8FUgNl4ijkgyHyXAhSxX8lFax5iia/9d9XR61ug6M
    Vp+DvqJx8lXWKULMGdlWQClUuokJ4VBAGXmHjRhQRZJy9GGKexXN3t4JVC+WQdVi
    esXH0b3l2b/wxvcGxTtI2Oous0sZbfHYseaSz07XxQKBgQD/sy0luSCmhWSLG4oV
    nHgV4xwdH52X4VWjpOEMIdoD5yY/L9bpBJq2jrd1An6Tr93yDhyq54eLj6PThb57
    WAMbCPPwL5xBZfJyFr+/qypeaLSY/UCTmzUvEKBxeiE6FAxEl3LmAlEUa0Acp7h+
    whwt/ptcW26EIS9jUg9OSI7BVQKBgQDinPNUWnR0i0ZDreZ9RtMC9cswp5q56UaB
    x2V5pPDUzenLn7RNq44Vib4pflfiR47usU5pijVipP/tUdt6+yDH3aXCvPeqFSBO
    RL7L+cKLYTsO08YvHVHGugF2vhUv6/UoFBmpBjpG4qEXxNWX2Cz19mt+ZzfrlfvY
    iku7T8BehwKBgQDJKsYSL5uoZrm7V2dDqV4wmgS8ROtPWlBt9oG3ccp715cXjyOd
    H6o4hf9/Zv7+YhZTIRccvhq9ibxx5X7+uzd2RYzlIg/kw7gCWjNxL9CdhfLPii8L
    8cfdx07y+Aq8Dpm4PQ6ANsJjNh2ybaGQ2FYjOXQxLR29hf4qPZ0dEah+IQKBgQCh
    vPFy+Ch78deRgHGsYjtCtplyPX2SSSuYfu8vFgkJaXn/ahnvAY2kU65UwScKipY6
    SHQ1oX4ezLMY976VlN09qTWguuxtCS0Ij8o5nSY8AoZ7O60MfXmbQ7C9xkcq79cG
    5um1mItJgoEFjOgBuznDxz/LdPIVg/O/Bl2s7+vVywKBgHZCNeiA2YJD3oHVA4/4
    U+t5aTDyaz2MujP/QBNfOrqbVuYCYKPrmYCzKBqF7jz2jPCtV6+zm5ECQtyEdWm3
    eEKL5qy4j8bZqRKPVxFMgMWCRX7UlHSqsoigJ9m5L1/HmEZ0YbvzF3E2QajOzvqO
    Ekb46kd1PZtbeUuRj6X6G9L1
    -----END PRIVATE KEY-----
    """
}
