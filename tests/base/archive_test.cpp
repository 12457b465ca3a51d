#include "node/base/archive.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <stdexcept>

namespace hearsay {
namespace {

enum class Color : std::uint8_t { kRed = 3, kGreen = 250 };

// Persisted by a free function, found by argument-dependent lookup.
struct Point {
  std::int32_t x = 0;
  std::int32_t y = 0;
  friend bool operator==(const Point&, const Point&) = default;
};
void persist(Archive& archive, Point& point) { archive(point.x, point.y); }

// `limit` follows from the scenario and is not persisted.
struct Queue {
  std::vector<std::string> names;
  int limit = 0;
  void persist(Archive& archive) { archive(names); }
  friend bool operator==(const Queue&, const Queue&) = default;
};

// Has no default constructor.
struct Link {
  explicit Link(double given) : bandwidth(given) {}
  double bandwidth;
  std::int64_t sent = 0;
  void persist(Archive& archive) { archive(sent); }
};

struct Everything {
  bool flag = false;
  Color color = Color::kRed;
  std::int8_t i8 = 0;
  std::uint16_t u16 = 0;
  std::int32_t i32 = 0;
  std::uint32_t u32 = 0;
  std::int64_t i64 = 0;
  std::uint64_t u64 = 0;
  double real = 0.0;
  float single = 0.0F;
  SimTime time{};
  std::string text;
  std::vector<double> reals;
  std::vector<bool> flags;
  std::vector<Queue> queues;
  std::array<std::int16_t, 3> shorts{};
  std::array<std::string, 2> words;
  std::optional<SimTime> some;
  std::optional<SimTime> none = SimTime{5};
  std::pair<std::int32_t, std::string> pair;
  std::map<std::string, std::vector<std::uint8_t>> map;
  Point point;

  void persist(Archive& archive) {
    archive.mark("numbers");
    archive(flag, color, i8, u16, i32, u32, i64, u64, real, single, time);
    archive.mark("containers");
    archive(text, reals, flags, queues, shorts, words, some, none, pair, map, point);
  }
  friend bool operator==(const Everything&, const Everything&) = default;
};

Everything example() {
  Everything e;
  e.flag = true;
  e.color = Color::kGreen;
  e.i8 = -128;
  e.u16 = 65535;
  e.i32 = std::numeric_limits<std::int32_t>::min();
  e.u32 = 4'000'000'000U;
  e.i64 = std::numeric_limits<std::int64_t>::min();
  e.u64 = std::numeric_limits<std::uint64_t>::max();
  e.real = 0.1;
  e.single = -2.5F;
  e.time = SimTime{-7};
  e.text = std::string("two\0parts", 9);
  e.reals = {1.0, -std::numeric_limits<double>::infinity()};
  e.flags = {true, false, true};
  e.queues = {Queue{{"a", ""}}, Queue{}, Queue{{"bc"}}};
  e.shorts = {1, -2, 3};
  e.words = {"left", "right"};
  e.some = SimTime{9};
  e.none.reset();
  e.pair = {-1, "minus one"};
  e.map = {{"", {}}, {"k", {1, 2}}, {"l", {3}}};
  e.point = {11, -12};
  return e;
}

template <class... Fields>
Snapshot save(Fields... fields) {
  SavingArchive archive;
  archive(fields...);
  return archive.take();
}

template <class... Fields>
void load(const Snapshot& snapshot, Fields&... fields) {
  LoadingArchive archive(snapshot);
  archive(fields...);
  archive.finish();
}

// What the error says that loading raises; empty if it raises none.
template <class... Fields>
std::string error_of(const Snapshot& snapshot, Fields&&... fields) {
  try {
    load(snapshot, fields...);
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return "";
}

Buffer buffer_of(std::string_view text) { return Buffer::copy_of(std::as_bytes(std::span(text))); }

TEST(Archive, EveryFieldTypeRoundTrips) {
  const Snapshot snapshot = save(example());
  Everything loaded;
  load(snapshot, loaded);
  EXPECT_EQ(loaded, example());
  EXPECT_EQ(save(loaded).bytes, snapshot.bytes);
}

TEST(Archive, LoadingReplacesWhatWasThere) {
  Everything loaded = example();
  load(save(Everything{}), loaded);
  EXPECT_EQ(loaded, Everything{});
}

TEST(Archive, KeepsTheBitsOfSpecialNumbers) {
  double zero = 1.0;
  double nan = 1.0;
  const double marked_nan = std::bit_cast<double>(0x7ff8'0000'0000'1234ULL);
  load(save(-0.0, marked_nan), zero, nan);
  EXPECT_TRUE(std::signbit(zero));
  EXPECT_EQ(std::bit_cast<std::uint64_t>(nan), 0x7ff8'0000'0000'1234ULL);
}

TEST(Archive, BytesAreLittleEndianAndOfFixedWidth) {
  // u16; bool; u64 count and 2 characters; flag and i32.
  const Snapshot snapshot =
      save(std::uint16_t{0x1234}, true, std::string("ab"), std::optional<std::int32_t>(-2));
  const std::string expected(
      "\x34\x12"
      "\x01"
      "\x02\0\0\0\0\0\0\0"
      "ab"
      "\x01"
      "\xfe\xff\xff\xff",
      18);
  EXPECT_EQ(snapshot.bytes, expected);
  EXPECT_TRUE(snapshot.buffers.empty());
}

TEST(Archive, KnowsItsDirection) {
  const Snapshot empty;
  EXPECT_FALSE(SavingArchive().is_loading());
  EXPECT_TRUE(LoadingArchive(empty).is_loading());
}

TEST(Archive, TakeLeavesItEmpty) {
  SavingArchive archive;
  Buffer buffer = buffer_of("x");
  archive(buffer);
  archive.take();
  archive(buffer);
  const Snapshot second = archive.take();
  EXPECT_EQ(second.bytes.size(), 8U);
  EXPECT_EQ(second.buffers.size(), 1U);
}

TEST(Archive, RandomStreamsGoOnWhereTheyWere) {
  Rng rng(1);
  rng.next();
  const Snapshot snapshot = save(rng, std::vector<Rng>{Rng(2), Rng(3)}, std::optional<Rng>(rng));
  Rng same(99);
  std::vector<Rng> list;
  std::optional<Rng> maybe;
  load(snapshot, same, list, maybe);
  ASSERT_EQ(list.size(), 2U);
  ASSERT_TRUE(maybe.has_value());
  const std::uint64_t next = rng.next();
  EXPECT_EQ(same.next(), next);
  EXPECT_EQ(maybe->next(), next);
  EXPECT_EQ(list[1].next(), Rng(3).next());
}

TEST(Archive, BuffersAreSharedNotCopied) {
  const Buffer a = buffer_of("first");
  const Snapshot snapshot = save(Buffer(a));
  ASSERT_EQ(snapshot.buffers.size(), 1U);
  EXPECT_TRUE(snapshot.buffers[0].shares_with(a));
  Buffer loaded;
  load(snapshot, loaded);
  EXPECT_TRUE(loaded.shares_with(a));
}

TEST(Archive, EachDistinctBufferIsStoredOnceByFirstAppearance) {
  const Buffer a = buffer_of("same");
  const Buffer twin = buffer_of("same");  // Equal contents, other memory.
  const Snapshot snapshot = save(std::vector<Buffer>{twin, a, Buffer(), a, twin});
  ASSERT_EQ(snapshot.buffers.size(), 2U);
  EXPECT_TRUE(snapshot.buffers[0].shares_with(twin));
  EXPECT_TRUE(snapshot.buffers[1].shares_with(a));
}

TEST(Archive, SharingSurvivesAndNullStaysNull) {
  const ModelBuffer model = ModelBuffer::zeros(3);
  const Snapshot original =
      save(model.buffer(), ModelBuffer(model), ModelBuffer(), Buffer::allocate(0));
  // As after a way through a file: the same contents in other memory.
  Snapshot moved{original.bytes, {}};
  for (const Buffer& buffer : original.buffers) {
    moved.buffers.push_back(Buffer::copy_of(buffer.bytes()));
  }
  Buffer raw;
  ModelBuffer shared;
  ModelBuffer null = ModelBuffer::zeros(1);
  Buffer empty;
  load(moved, raw, shared, null, empty);
  EXPECT_TRUE(raw.shares_with(shared.buffer()));
  EXPECT_FALSE(raw.shares_with(model.buffer()));
  EXPECT_EQ(shared.size(), 3U);
  EXPECT_TRUE(null.empty());
  EXPECT_FALSE(empty.is_null());
  EXPECT_EQ(empty.size(), 0U);
}

TEST(Archive, SavingLeavesModelsWritableOnceTheSnapshotIsGone) {
  ModelBuffer model = ModelBuffer::zeros(3);
  {
    const Snapshot snapshot = save(model);
    EXPECT_FALSE(model.is_writable());
  }
  EXPECT_TRUE(model.is_writable());
}

TEST(Archive, ElementsThatAreThereAreRestoredInPlace) {
  std::vector<Queue> queues(3);
  queues[0].limit = 5;
  queues[1].limit = 6;
  load(save(std::vector<Queue>{Queue{{"a"}}, Queue{{"b"}}}), queues);
  EXPECT_EQ(queues, (std::vector<Queue>{Queue{{"a"}, 5}, Queue{{"b"}, 6}}));
}

TEST(Archive, ElementsWithoutDefaultConstructorMustAgreeInNumber) {
  std::vector<Link> saved = {Link(1.0), Link(2.0)};
  saved[1].sent = 8;
  const Snapshot snapshot = save(saved);
  std::vector<Link> links = {Link(3.0), Link(4.0)};
  load(snapshot, links);
  EXPECT_EQ(links[1].bandwidth, 4.0);
  EXPECT_EQ(links[1].sent, 8);
  std::vector<Link> fewer = {Link(3.0)};
  EXPECT_EQ(error_of(snapshot, fewer),
            "checkpoint: at byte 16 of 24: it holds more elements of a kind than this run has");
}

TEST(Archive, ASnapshotCutAnywhereIsRefused) {
  const Snapshot whole = save(example());
  for (std::size_t size = 0; size < whole.bytes.size(); ++size) {
    Everything loaded;
    EXPECT_NE(error_of(Snapshot{whole.bytes.substr(0, size), {}}, loaded), "") << size;
  }
}

// Whether an altered byte is found is the file's digest's business; here it must only do
// no harm: no other exception, no memory beyond the bytes' own measure.
TEST(Archive, AlteredBytesLoadOrAreRefused) {
  const Snapshot whole = save(example());
  int refused = 0;
  for (std::size_t at = 0; at < whole.bytes.size(); ++at) {
    for (const char flip : {'\x01', '\x80', '\xff'}) {
      Snapshot altered = whole;
      altered.bytes[at] = static_cast<char>(altered.bytes[at] ^ flip);
      Everything loaded;
      if (!error_of(altered, loaded).empty()) ++refused;
    }
  }
  EXPECT_GT(refused, 0);
}

TEST(Archive, ACountIsCheckedBeforeMemoryIsTaken) {
  // 2^60 elements would end in std::bad_alloc or std::length_error if they were made.
  const Snapshot huge = save(std::uint64_t{1} << 60, std::uint64_t{0});
  EXPECT_NE(error_of(huge, std::string()), "");
  EXPECT_NE(error_of(huge, std::vector<std::uint8_t>()), "");
  EXPECT_NE(error_of(huge, std::vector<bool>()), "");
  EXPECT_NE(error_of(huge, std::vector<std::string>()), "");
  EXPECT_NE(error_of(huge, std::vector<Everything>()), "");
  EXPECT_NE(error_of(huge, std::map<std::uint8_t, std::uint8_t>()), "");
  EXPECT_EQ(error_of(huge, std::vector<double>()),
            "checkpoint: at byte 8 of 16: 1152921504606846976 elements of 8 or more bytes "
            "wanted, 8 bytes left");
}

TEST(Archive, ACountMayJustFillWhatIsLeft) {
  std::vector<std::uint16_t> values;
  load(save(std::uint64_t{2}, std::uint32_t{0x00020001}), values);
  EXPECT_EQ(values, (std::vector<std::uint16_t>{1, 2}));
  EXPECT_NE(error_of(save(std::uint64_t{3}, std::uint32_t{0}), std::vector<std::uint16_t>()), "");
}

TEST(Archive, AWrongSectionIsNamedWithItsPlace) {
  SavingArchive saving;
  std::uint32_t value = 0;
  saving.mark("events");
  saving(value);
  saving.mark("views");
  const Snapshot snapshot = saving.take();

  LoadingArchive loading(snapshot);
  loading.mark("events");
  loading(value);
  try {
    loading.mark("network");
    ADD_FAILURE() << "another section was accepted";
  } catch (const std::runtime_error& error) {
    EXPECT_STREQ(error.what(),
                 "checkpoint: in section \"events\", at byte 12 of 12: section \"network\" "
                 "should begin here");
  }
}

TEST(Archive, TruthValuesAreZeroOrOne) {
  EXPECT_NE(error_of(save(std::uint8_t{2}), bool()), "");
  EXPECT_NE(error_of(save(std::uint8_t{2}, std::uint8_t{0}), std::optional<std::uint8_t>()), "");
}

TEST(Archive, KeysOfAMapMustAscend) {
  using Pairs = std::vector<std::pair<std::int32_t, bool>>;
  using Map = std::map<std::int32_t, bool>;
  Map loaded;
  load(save(Pairs{{1, true}, {2, false}}), loaded);
  EXPECT_EQ(loaded, (Map{{1, true}, {2, false}}));
  EXPECT_NE(error_of(save(Pairs{{2, true}, {1, true}}), Map()), "");
  EXPECT_NE(error_of(save(Pairs{{1, true}, {1, true}}), Map()), "");
}

TEST(Archive, AModelHasWholeNumbersOfFloats) {
  EXPECT_EQ(error_of(save(buffer_of("sixsix")), ModelBuffer()),
            "checkpoint: at byte 8 of 8: a model has 6 bytes");
}

TEST(Archive, BuffersAreNumberedAsTheyAppear) {
  const std::vector<Buffer> two = {buffer_of("a"), buffer_of("b")};
  const auto numbered = [&](std::uint64_t first, std::uint64_t second) {
    return error_of(Snapshot{save(first, second).bytes, two}, Buffer(), Buffer());
  };
  EXPECT_EQ(numbered(1, 2), "");
  EXPECT_NE(numbered(2, 1), "");
  EXPECT_NE(numbered(1, 3), "");
  EXPECT_NE(numbered(1, ~std::uint64_t{0}), "");
  EXPECT_EQ(numbered(1, 1), "checkpoint: at byte 16 of 16: 1 buffers are left over");
}

TEST(Archive, FinishFindsBytesLeftOver) {
  EXPECT_EQ(error_of(save(std::uint32_t{1}), std::uint8_t{}),
            "checkpoint: at byte 1 of 4: 3 bytes are left over");
}

}  // namespace
}  // namespace hearsay
