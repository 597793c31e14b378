// CapacityAPI is where the wire meets the domain: it turns requests into commands, outcomes into responses and what went
// wrong into errors of the catalogue, after establishing who calls and whether they may.
//
// It is not for rules: what can be sold is Capacity's, when something is durable is CapacityEngine's, bytes are RPC's.
//
// Before changing it, know this: every RPC passes ``ServiceRegistry``. A handler that is registered there has its caller
// admitted and its fields checked already, and throws a ``Refusal``; nothing else words an error.

package import Capacity
package import CapacityEngine
package import RPC

/// The services of Cupo, ready to be served.
package enum CapacityAPI {
  /// Goes over the open streams every so often and ends those of callers who are nobody any more, until the task is cancelled.
  package static func endStreams(_ access: Access, every interval: Duration = .seconds(1)) async {
    while (try? await Task.sleep(for: interval)) != nil { access.sweep() }
  }

  /// - Parameters:
  ///   - access: who calls, and who may call what.
  ///   - zone: finds a time zone by its IANA name.
  ///   - tzdataVersion: of the zones that `zone` finds, as answers report it.
  ///   - limits: how often callers may call.
  ///   - incidents: is told of calls that fail through the server's own fault.
  ///   - watchProgressSeconds: how often an idle watch says that it lives.
  ///   - answerBytesMax: how much of what was answered is kept, of lists and of calendars each; 0: nothing.
  ///   - clock: the wall clock, for what an answer is about ("today"); decisions are the engine's.
  package static func services(
    engine: Engine, access: Access, tzdataVersion: String, clock: @escaping @Sendable () -> Instant,
    zone: @escaping @Sendable (String) -> Zone?,
    limits: CallLimits = CallLimits(), incidents: @escaping Incident.Log = { _ in },
    watchProgressSeconds: Double = 15, answerBytesMax: Int = 16 << 20
  ) -> ServiceTable {
    var registry = ServiceRegistry(
      access: access, witness: AuditWitness(engine: engine), limits: limits, engine: engine,
      log: incidents)
    ReservationHandlers(engine: engine).register(in: &registry)
    InventoryHandlers(engine: engine, zone: zone).register(in: &registry)
    AvailabilityHandlers(
      engine: engine, tzdataVersion: tzdataVersion, clock: clock,
      watchProgressSeconds: watchProgressSeconds, answerBytesMax: answerBytesMax
    ).register(in: &registry)
    EventHandlers(engine: engine).register(in: &registry)
    AuditHandlers(engine: engine).register(in: &registry)
    return registry.table
  }
}
