internal import CupoSchema
internal import Protobuf

/// What the audit log wants of a request: what it is about, why, and what the caller knows it by.
///
/// Only asked for where there is an entry to be made.
struct AuditedRequest {
  /// Bytes of a text at most: a request that breaks its rules may have anything in it.
  static let bytesMax = 1_024

  private(set) var subject = ""
  private(set) var reason = ""
  private(set) var requestID = ""

  init(_ message: any Message) {
    read(message)
    subject = Self.bounded(subject)
    reason = Self.bounded(reason)
    requestID = Self.bounded(requestID)
  }

  static func bounded(_ text: String) -> String {
    guard text.utf8.count > bytesMax else { return text }
    return String(decoding: text.utf8.prefix(bytesMax), as: UTF8.self)
  }

  private mutating func read(_ message: any Message) {
    switch message {
    case let request as ReserveRequest: requestID = request.idempotencyKey
    case let request as ConsumeRequest:
      (subject, requestID) = (request.reservationID, request.requestID)
    case let request as ReleaseRequest:
      (subject, reason, requestID) = (request.reservationID, request.reason, request.requestID)
    case let request as ExtendRequest:
      (subject, requestID) = (request.reservationID, request.requestID)
    case let request as CancelRequest:
      (subject, reason, requestID) = (request.reservationID, request.reason, request.requestID)
    case let request as GetReservationRequest: subject = Self.subject(request.name)
    case let request as ListReservationsRequest:
      subject = request.buyerID.isEmpty ? request.sellerID : request.buyerID
    case let request as WatchEventsRequest: subject = request.sellerID
    default: readDefinition(message)
    }
  }

  private mutating func readDefinition(_ message: any Message) {
    switch message {
    case let request as PutResourceRequest: subject = request.resource?.resourceID ?? ""
    case let request as PutProductRequest: subject = request.product?.productID ?? ""
    case let request as AdjustStockRequest:
      (subject, reason, requestID) = (request.resourceID, request.reason, request.requestID)
    case let request as SetPauseRequest:
      (subject, reason) = (Self.subject(request.target), request.reason)
    case let request as GetResourceRequest: subject = request.resourceID
    case let request as GetProductRequest: subject = request.productID
    case let request as ListResourcesRequest: subject = request.sellerID
    case let request as ListProductsRequest: subject = request.sellerID
    case let request as GetAvailabilityRequest: subject = request.productID
    case let request as GetCalendarRequest: subject = request.productID
    case let request as ExplainAvailabilityRequest: subject = request.productID
    case let request as WatchAvailabilityRequest: subject = request.sellerID
    case let request as ListAuditEntriesRequest: subject = request.subject
    default: break
    }
  }

  private static func subject(_ name: GetReservationRequest.Name?) -> String {
    switch name {
    case .reservationID(let id)?: id
    case .code(let code)?: code
    case nil: ""
    }
  }

  private static func subject(_ target: SetPauseRequest.Target?) -> String {
    switch target {
    case .resourceID(let id)?, .productID(let id)?: id
    case nil: ""
    }
  }
}
