internal import CupoSchema
internal import Protobuf

/// For an RPC: a request about what is somebody's, and what a stranger to it is told.
struct AccessSample: Sendable {
  let sample: MethodSample
  /// The request that a caller in this role sends, in wire form.
  let request: @Sendable (AccessWorld, Role) -> [UInt8]
  /// What a caller who is held to its own is told about another's; by role, as the contract binds it.
  let refusal: ErrorReason
  /// What of the answer is judged: of a batch the outcome of its one request.
  private(set) var judged: @Sendable (Answer) -> Answer = { $0 }

  private init<Q: Message>(
    _ path: String, _ refusal: ErrorReason,
    _ request: @escaping @Sendable (AccessWorld, Role) -> Q
  ) {
    guard let sample = MethodSample.all.first(where: { $0.entry.path == path }) else {
      preconditionFailure("\(path) has no sample")
    }
    self.sample = sample
    self.refusal = refusal
    self.request = { request($0, $1).encoded() }
  }

  private func judging(_ judged: @escaping @Sendable (Answer) -> Answer) -> AccessSample {
    var sample = self
    sample.judged = judged
    return sample
  }

  /// Every RPC of the contract; a new one without an entry fails the check that asks for all of them.
  static let all = reservations + inventory + availability + audit

  private static let reservations = [
    AccessSample(CapacityService.reserve.path, .notOwner) { world, _ in
      var request = world.run.request(world.id, 1)
      request.buyerID = world.buyerID
      return request
    },
    AccessSample(CapacityService.batchReserve.path, .notOwner) { world, _ in
      var request = BatchReserveRequest()
      request.requests = [world.run.request(world.id, 1)]
      request.requests[0].buyerID = world.buyerID
      return request
    }.judging { $0.onlyOutcome },
    AccessSample(CapacityService.consume.path, .reservationNotFound) { world, _ in
      ContractRun.consumeRequest(world.reservationID)
    },
    AccessSample(CapacityService.release.path, .reservationNotFound) { world, _ in
      ContractRun.releaseRequest(world.reservationID)
    },
    AccessSample(CapacityService.extend.path, .reservationNotFound) { world, _ in
      var request = ExtendRequest()
      request.reservationID = world.reservationID
      request.ttl = ProtobufDuration(seconds: 60)
      request.requestID = world.run.fresh("request")
      return request
    },
    AccessSample(CapacityService.cancel.path, .reservationNotFound) { world, _ in
      var request = CancelRequest()
      request.reservationID = world.reservationID
      return request
    },
    AccessSample(CapacityService.getReservation.path, .reservationNotFound) { world, _ in
      var request = GetReservationRequest()
      request.name = .reservationID(world.reservationID)
      return request
    },
    AccessSample(CapacityService.listReservations.path, .notOwner) { world, role in
      var request = ListReservationsRequest()
      if role == .buyer {
        request.buyerID = world.buyerID
      } else {
        request.sellerID = world.sellerID
      }
      return request
    },
    AccessSample(EventService.watchEvents.path, .notOwner) { world, _ in
      var request = WatchEventsRequest()
      request.sellerID = world.sellerID
      return request
    },
  ]

  // Nobody owns anything there.
  private static let audit = [
    AccessSample(AuditService.listAuditEntries.path, .notOwner) { world, _ in
      var request = ListAuditEntriesRequest()
      request.subject = world.id
      return request
    },
    AccessSample(AuditService.watchAuditEntries.path, .notOwner) { _, _ in
      WatchAuditEntriesRequest()
    },
  ]

  private static let inventory = [
    AccessSample(InventoryService.putResource.path, .notOwner) { world, _ in
      var request = PutResourceRequest()
      request.resource = world.run.stock(world.id, units: 1_000)
      request.resource?.sellerID = world.sellerID
      return request
    },
    AccessSample(InventoryService.getResource.path, .notOwner) { world, _ in
      var request = GetResourceRequest()
      request.resourceID = world.id
      return request
    },
    AccessSample(InventoryService.listResources.path, .notOwner) { world, _ in
      var request = ListResourcesRequest()
      request.sellerID = world.sellerID
      return request
    },
    AccessSample(InventoryService.adjustStock.path, .notOwner) { world, _ in
      var request = AdjustStockRequest()
      request.resourceID = world.id
      request.delta = 1
      request.requestID = world.run.fresh("request")
      return request
    },
    AccessSample(InventoryService.putProduct.path, .notOwner) { world, _ in
      var request = PutProductRequest()
      request.product = world.run.product(world.id, of: [world.id])
      request.product?.sellerID = world.sellerID
      return request
    },
    AccessSample(InventoryService.getProduct.path, .notOwner) { world, _ in
      var request = GetProductRequest()
      request.productID = world.id
      return request
    },
    AccessSample(InventoryService.listProducts.path, .notOwner) { world, _ in
      var request = ListProductsRequest()
      request.sellerID = world.sellerID
      return request
    },
    AccessSample(InventoryService.setPause.path, .notOwner) { world, _ in
      var request = SetPauseRequest()
      request.target = .resourceID(world.id)
      return request
    },
  ]

  private static let availability = [
    AccessSample(AvailabilityService.getAvailability.path, .notOwner) { world, _ in
      var request = GetAvailabilityRequest()
      request.productID = world.id
      return request
    },
    AccessSample(AvailabilityService.getCalendar.path, .notOwner) { world, _ in
      var request = GetCalendarRequest.example()
      request.productID = world.id
      return request
    },
    AccessSample(AvailabilityService.batchGetAvailability.path, .notOwner) { world, _ in
      var request = BatchGetAvailabilityRequest.example()
      for index in request.checks.indices { request.checks[index].productID = world.id }
      return request
    },
    AccessSample(AvailabilityService.explainAvailability.path, .notOwner) { world, role in
      var request = ExplainAvailabilityRequest()
      request.productID = world.id
      // SELLER and SEARCH name nobody.
      if role != .seller, role != .search { request.buyerID = world.buyerID }
      return request
    },
    AccessSample(AvailabilityService.watchAvailability.path, .notOwner) { world, role in
      var request = WatchAvailabilityRequest()
      // A buyer that names products may watch anybody's; the rest is a seller's.
      if role == .buyer {
        request.sellerID = world.sellerID
      } else {
        request.productIDs = [world.id]
      }
      return request
    },
  ]
}
