/// The names in a certificate that was checked: its subject alternative names, each with its kind before it: `dns:`, `uri:`,
/// `email:`, `ip:`; a SPIFFE id also as it is, `spiffe://…`.
package struct CertificateNames: Hashable, Sendable {
  package let names: Set<String>

  package init(_ names: Set<String>) {
    self.names = names
  }
}
