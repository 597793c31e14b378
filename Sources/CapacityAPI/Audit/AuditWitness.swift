internal import Capacity
internal import CapacityEngine
internal import CupoSchema
internal import Identity
internal import Protobuf
internal import RPC

/// Sees every call, and has those that are the audit log's business written there.
///
/// The one thing to know: what BUYER, CHECKOUT and the other machines are allowed to do is none of it, and costs a look at
/// their roles. What a command changes is written by the lane; here are denials, reads, and what staff tried in vain.
struct AuditWitness: Sendable {
  private static let staff = RoleSet([.support, .finance, .admin])
  private static let inventory = "/\(InventoryService.name)/"
  /// What shows who has bought what, or who has done what.
  private static let personal: Set<String> = [
    CapacityService.getReservation.path, CapacityService.listReservations.path,
    EventService.watchEvents.path, AuditService.listAuditEntries.path,
    AuditService.watchAuditEntries.path,
  ]

  let engine: Engine

  /// How one method is watched.
  struct Watch: Sendable {
    let changesDefinitions: Bool
    let isRead: Bool
    let isPersonal: Bool

    init(_ path: String, _ contract: MethodContract?) {
      isRead = contract?.idempotency == .read
      changesDefinitions = !isRead && path.hasPrefix(AuditWitness.inventory)
      isPersonal = AuditWitness.personal.contains(path)
    }
  }

  /// Whether what the caller reads is nobody's business.
  static func passes(_ call: CallContext) -> Bool {
    guard let principal = call.principal as? Principal else { return false }
    return principal.roles.isDisjoint(with: staff)
  }

  /// What the lane is to say of the call, should it change something; nil: nothing.
  func note(
    _ request: some Message, of call: CallContext, by principal: Principal, _ watch: Watch
  ) -> AuditNote? {
    let isOfStaff = !principal.roles.isDisjoint(with: Self.staff)
    guard isOfStaff || watch.changesDefinitions else { return nil }
    let audited = AuditedRequest(request)
    return AuditNote(
      Self.source(call, principal, audited), subject: audited.subject, reason: audited.reason,
      isOfStaff: isOfStaff)
  }

  /// Somebody of staff has read something.
  func sawRead(_ note: AuditNote?, _ watch: Watch) {
    guard watch.isRead, let note else { return }
    engine.audit.note(
      AuditRecord(
        .staffActed, at: engine.audit.now(), note.source, subject: note.subject,
        reason: note.reason),
      from: watch.isPersonal ? .staff : .looks)
  }

  /// The call was refused.
  func sawRefusal(
    _ refusal: Refusal, _ request: some Message, of call: CallContext, by caller: Caller,
    _ watch: Watch
  ) {
    if Self.denials.contains(refusal.reason) {
      return engine.audit.note(
        denial(refusal.reason, request, call, caller.principal), from: .denials)
    }
    if refusal.reason == .reservationNotFound, !caller.reach.isUnbound {
      // What is another's does not exist for the caller; whether it does, only the lane knows.
      let record = denial(.reservationNotFound, request, call, caller.principal)
      if let number = number(request) { engine.note(record, ifThereIs: number) }
    }
    guard let note = caller.note, note.isOfStaff else { return }
    engine.audit.note(
      AuditRecord(
        .staffActed, at: engine.audit.now(), note.source, subject: note.subject,
        reason: note.reason, outcome: "\(refusal.reason)"),
      from: watch.isRead && !watch.isPersonal ? .looks : .staff)
  }

  /// The call was turned away before anything of its request was read.
  func sawDenial(_ reason: ErrorReason, of call: CallContext, by principal: Principal) {
    engine.audit.note(
      AuditRecord(
        .denied, at: engine.audit.now(), Self.source(call, principal, nil), outcome: "\(reason)"),
      from: .denials)
  }

  /// The call was turned away, and nobody knows who made it: what its token says of that is not believed.
  func sawStranger(_ reason: ErrorReason, of call: CallContext) {
    // A stranger's text is taken for an id or not at all.
    let requestID = call.metadata["x-request-id"].flatMap { Principal.isID($0) ? $0 : nil }
    let source = AuditRecord.Source(
      actor: "", peer: call.peer, method: call.path, requestID: requestID ?? "")
    engine.audit.note(
      AuditRecord(.denied, at: engine.audit.now(), source, outcome: "\(reason)"),
      from: .strangers)
  }

  private static let denials: Set<ErrorReason> = [.roleNotAllowed, .notOwner]

  private func denial(
    _ reason: ErrorReason, _ request: some Message, _ call: CallContext, _ principal: Principal
  ) -> AuditRecord {
    let audited = AuditedRequest(request)
    return AuditRecord(
      .denied, at: engine.audit.now(), Self.source(call, principal, audited),
      subject: audited.subject, reason: audited.reason, outcome: "\(reason)")
  }

  private static func source(
    _ call: CallContext, _ principal: Principal, _ request: AuditedRequest?
  ) -> AuditRecord.Source {
    AuditRecord.Source(
      actor: principal.subject, roles: principal.roles.roles.map { "\($0)" }, peer: call.peer,
      method: call.path,
      requestID: call.metadata["x-request-id"].map(AuditedRequest.bounded)
        ?? request?.requestID ?? "")
  }

  // Of the reservation that the request names.
  private func number(_ request: some Message) -> UInt64? {
    if let request = request as? GetReservationRequest, case .code(let code)? = request.name {
      return engine.naming.number(ofCode: code)
    }
    return engine.naming.number(ofID: AuditedRequest(request).subject)
  }
}
