import Testing

@testable import protoc_gen_cupo

@Suite struct NamesTests {
  @Test(arguments: [
    ("reservation_id", "reservationID"), ("seller_ids", "sellerIDs"), ("ttl", "ttl"),
    ("default_ttl", "defaultTTL"), ("id", "id"), ("type_url", "typeURL"), ("default", "`default`"),
    ("SOLD_OUT", "soldOut"), ("INTERNAL", "`internal`"), ("is_on", "isOn"),
  ])
  func members(proto: String, swift: String) { #expect(Names.member(proto) == swift) }

  @Test(arguments: [
    ("cupo.capacity.v1.ReserveRequest", "Cupo__Capacity__V1__ReserveRequest"),
    ("cupo.capacity.v1.Slots.Window", "Cupo__Capacity__V1__Slots__Window"),
  ])
  func cTypes(proto: String, c: String) { #expect(Names.cType(proto) == c) }

  @Test(arguments: [
    ("cupo.capacity.v1.ReserveRequest", "cupo__capacity__v1__reserve_request"),
    ("cupo.capacity.v1.Slots.Window", "cupo__capacity__v1__slots__window"),
  ])
  func cFunctions(proto: String, c: String) { #expect(Names.cFunctions(proto) == c) }

  @Test func literals() { #expect(Names.literal("a \"b\" \\ \n") == #""a \"b\" \\ \n""#) }
}
