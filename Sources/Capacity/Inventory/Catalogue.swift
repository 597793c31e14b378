/// Everything that is configured: resources with their zones, and products. A value; copies are cheap.
package struct Catalogue: Sendable {
  private var resourcesByID: [String: ScheduledResource] = [:]
  private var productsByID: [String: Product] = [:]
  /// Grows with every change of the catalogue, within one run of the process.
  package private(set) var revision: UInt64 = 0

  package init() {}

  package func resource(_ id: String) -> ScheduledResource? { resourcesByID[id] }
  package func product(_ id: String) -> Product? { productsByID[id] }

  package var resources: some Collection<ScheduledResource> { resourcesByID.values }
  package var products: some Collection<Product> { productsByID.values }

  package mutating func put(_ resource: Resource, zone: Zone) {
    resourcesByID[resource.id] = ScheduledResource(resource, zone: zone)
    revision += 1
  }

  package mutating func put(_ product: Product) {
    productsByID[product.id] = product
    revision += 1
  }

  mutating func restore(_ resource: ScheduledResource?, id: String) {
    resourcesByID[id] = resource
    revision += 1
  }

  mutating func restore(_ product: Product?, id: String) {
    productsByID[id] = product
    revision += 1
  }
}
