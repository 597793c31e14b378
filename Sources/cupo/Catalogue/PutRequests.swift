internal import CupoSchema

extension PutResourceRequest {
  /// To create `resource`, or replace it whatever its version.
  init(_ resource: Resource, validateOnly: Bool = false) {
    self.init()
    self.resource = resource
    self.validateOnly = validateOnly
  }
}

extension PutProductRequest {
  /// To create `product`, or replace it whatever its version.
  init(_ product: Product, validateOnly: Bool = false) {
    self.init()
    self.product = product
    self.validateOnly = validateOnly
  }
}
