internal import CupoSchema
internal import Protobuf

extension MethodSample {
  /// Every RPC of the contract, in its order.
  static let all: [MethodSample] = audit + availability + inventory + reservations + events

  private static let audit: [MethodSample] = [
    MethodSample(
      AuditService.listAuditEntries, violations: { $0.violations() },
      valid: { run in
        var request = ListAuditEntriesRequest()
        request.actor = run.fresh("nobody")
        return request
      }),
    MethodSample(
      AuditService.watchAuditEntries, violations: { $0.violations() },
      valid: { _ in WatchAuditEntriesRequest() }),
  ]

  private static let availability: [MethodSample] = [
    MethodSample(
      AvailabilityService.getAvailability, violations: { $0.violations() },
      valid: { run in
        var request = GetAvailabilityRequest()
        request.productID = run.fresh("none")
        return request
      }),
    MethodSample(
      AvailabilityService.getCalendar, violations: { $0.violations() },
      valid: { run in
        var request = GetCalendarRequest.example()
        request.productID = run.fresh("none")
        return request
      }),
    MethodSample(
      AvailabilityService.batchGetAvailability, violations: { $0.violations() },
      valid: { run in
        var request = BatchGetAvailabilityRequest.example()
        for index in request.checks.indices { request.checks[index].productID = run.fresh("none") }
        return request
      }),
    MethodSample(
      AvailabilityService.explainAvailability, violations: { $0.violations() },
      valid: { run in
        var request = ExplainAvailabilityRequest.example()
        request.productID = run.fresh("none")
        return request
      }),
    MethodSample(
      AvailabilityService.watchAvailability, violations: { $0.violations() },
      valid: { run in
        var request = WatchAvailabilityRequest()
        request.sellerID = run.fresh("none")
        return request
      }),
  ]

  private static let inventory: [MethodSample] = [
    MethodSample(
      InventoryService.putResource, violations: { $0.violations() },
      valid: { run in
        var request = PutResourceRequest()
        request.resource = run.stock(run.fresh("sample"), units: 1)
        return request
      }),
    MethodSample(
      InventoryService.getResource, violations: { $0.violations() },
      valid: { run in
        var request = GetResourceRequest()
        request.resourceID = run.fresh("none")
        return request
      }),
    MethodSample(
      InventoryService.listResources, violations: { $0.violations() },
      valid: { run in
        var request = ListResourcesRequest()
        request.sellerID = run.fresh("none")
        return request
      }),
    MethodSample(
      InventoryService.adjustStock, violations: { $0.violations() },
      valid: { run in
        var request = AdjustStockRequest()
        request.resourceID = run.fresh("none")
        request.requestID = run.fresh("request")
        return request
      }),
    MethodSample(
      InventoryService.putProduct, violations: { $0.violations() },
      valid: { run in
        var request = PutProductRequest()
        request.product = run.product(run.fresh("sample"), of: [run.fresh("none")])
        return request
      }),
    MethodSample(
      InventoryService.getProduct, violations: { $0.violations() },
      valid: { run in
        var request = GetProductRequest()
        request.productID = run.fresh("none")
        return request
      }),
    MethodSample(
      InventoryService.listProducts, violations: { $0.violations() },
      valid: { run in
        var request = ListProductsRequest()
        request.sellerID = run.fresh("none")
        return request
      }),
    MethodSample(
      InventoryService.setPause, violations: { $0.violations() },
      valid: { run in
        var request = SetPauseRequest()
        request.target = .resourceID(run.fresh("none"))
        return request
      }),
  ]

  private static let reservations: [MethodSample] = [
    MethodSample(
      CapacityService.reserve, violations: { $0.violations() },
      valid: { run in
        run.request(run.fresh("none"), 1)
      }),
    MethodSample(
      CapacityService.batchReserve, violations: { $0.violations() },
      valid: { run in
        var request = BatchReserveRequest()
        request.requests = [run.request(run.fresh("none"), 1)]
        return request
      }),
    MethodSample(
      CapacityService.consume, violations: { $0.violations() },
      valid: { run in
        var request = ConsumeRequest()
        request.reservationID = run.fresh("none")
        return request
      }),
    MethodSample(
      CapacityService.release, violations: { $0.violations() },
      valid: { run in
        var request = ReleaseRequest()
        request.reservationID = run.fresh("none")
        return request
      }),
    MethodSample(
      CapacityService.extend, violations: { $0.violations() },
      valid: { run in
        var request = ExtendRequest()
        request.reservationID = run.fresh("none")
        request.ttl = ProtobufDuration(seconds: 60)
        request.requestID = run.fresh("request")
        return request
      }),
    MethodSample(
      CapacityService.cancel, violations: { $0.violations() },
      valid: { run in
        var request = CancelRequest()
        request.reservationID = run.fresh("none")
        return request
      }),
    MethodSample(
      CapacityService.getReservation, violations: { $0.violations() },
      valid: { run in
        var request = GetReservationRequest()
        request.name = .reservationID(run.fresh("none"))
        return request
      }),
    MethodSample(
      CapacityService.listReservations, violations: { $0.violations() },
      valid: { run in
        var request = ListReservationsRequest()
        request.buyerID = run.fresh("none")
        return request
      }),
  ]

  private static let events: [MethodSample] = [
    MethodSample(
      EventService.watchEvents, violations: { $0.violations() },
      valid: { _ in
        WatchEventsRequest()
      })
  ]
}
