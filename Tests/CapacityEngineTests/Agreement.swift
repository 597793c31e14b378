import Capacity
import MemoryStorage
import Testing

@testable import CapacityEngine

/// Whether nodes that have looked know the same as one that has read everything anew.
enum Agreement {
  static func check(
    _ nodes: [Node], _ clock: ManualClock, _ location: SourceLocation = #_sourceLocation
  ) throws {
    clock.advance(1)
    // The first to come writes down what has run out, so all the others have something to follow.
    for _ in 0..<2 { for node in nodes { node.lane.turn([]) } }
    for node in nodes {
      node.lane.shared.lookedAt = .distantPast
      node.lane.turn([])
    }
    let first = nodes[0]
    let audit = try StoreAudit.run(first.storage)
    #expect(audit.findingsCount == 0, sourceLocation: location)
    var fresh = try WarmUp.workingSet(of: first.storage, zone: { _ in .utc })
    var pools: [PoolKey] = []
    try StoredPools(of: first.storage).each { (key, _, _) in pools.append(key) }
    for node in nodes {
      #expect(
        node.lane.set.counters.nextSequence == fresh.counters.nextSequence, sourceLocation: location
      )
      #expect(
        node.lane.set.counters.nextReservation == fresh.counters.nextReservation,
        sourceLocation: location)
      #expect(node.lane.set.reservationsCount == fresh.reservationsCount, sourceLocation: location)
      #expect(node.lane.set.nextExpiry() == fresh.nextExpiry(), sourceLocation: location)
      for key in pools {
        #expect(node.lane.set.view(key) == fresh.view(key), sourceLocation: location)
      }
      for resource in fresh.catalogue.resources {
        let known = node.lane.set.catalogue.resource(resource.resource.id)?.resource
        #expect(known == resource.resource, sourceLocation: location)
        let ordinals = fresh.ordinals(of: resource.resource.id, in: .min ... .max)
        #expect(
          node.lane.set.ordinals(of: resource.resource.id, in: .min ... .max) == ordinals,
          sourceLocation: location)
      }
      for product in fresh.catalogue.products {
        #expect(node.lane.set.catalogue.product(product.id) == product, sourceLocation: location)
      }
    }
  }
}
