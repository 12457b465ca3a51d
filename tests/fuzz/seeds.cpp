#include "tests/fuzz/seeds.hpp"

#include <array>
#include <bit>
#include <cstdint>
#include <span>
#include <utility>

#include "node/live/report.hpp"
#include "node/net/address_book.hpp"
#include "node/net/link_frame.hpp"
#include "results/checkpoint_file.hpp"
#include "scenarios/loader.hpp"
#include "tests/data/idx_writer.hpp"
#include "tests/fuzz/identity.hpp"
#include "tests/fuzz/readers.hpp"
#include "tests/support/file_contents.hpp"

namespace hearsay::fuzz {
namespace {

Buffer buffer_of(std::string_view text) { return Buffer::copy_of(std::as_bytes(std::span(text))); }

std::string parcel(ParcelKind kind, Frames frames) {
  frames.insert(frames.begin(),
                encode_link_frame({.kind = kind, .process = kSender, .identity = kIdentity}));
  return text_of(frames);
}

WireMessage message(PeerId from, std::uint64_t sequence, std::string_view payload) {
  return {.envelope = {.from = from, .to = 0, .round = 3, .sequence = sequence, .kind = 1},
          .payload = buffer_of(payload)};
}

std::vector<Seed> wire() {
  AddressBook book(kProcesses, kSender);
  book.learn(kSender, kSender, "tcp://127.0.0.1:4000");
  book.learn(kSender, 2, "ipc:///tmp/two");
  const std::vector<WireMessage> one{message(1, 1, "a model")};
  std::vector<WireMessage> several{message(1, 1, "first"), message(2, 1, std::string(4100, 'x'))};
  several.push_back(several.back());
  several.back().envelope.sequence = 2;
  BatchCodec codec(kIdentity);
  return {{"addresses", parcel(ParcelKind::kHeartbeat, {buffer_of(book.text())})},
          {"message", parcel(ParcelKind::kMessages, codec.encode(one))},
          {"shared-payload", parcel(ParcelKind::kMessages, codec.encode(several))}};
}

std::vector<Seed> report() {
  RefusedNews refused{.time = {5}, .reason = Refusal::kReplayed, .sender = "peer 1"};
  refused.is_message = true;
  EndNews end{.time = {9}, .events = 4};
  end.peers.push_back({.peer = 2, .is_up = true, .waits_for = {1, 3}});
  const std::vector<std::pair<std::string, Report>> reports{
      {"start", StartNews{.time = {1}}},
      {"round", RoundNews{.notice = {.peer = 1, .time = {3}, .round = 2}}},
      {"refused", refused},
      {"silence", SilenceNews{"host-2", {7}, true}},
      {"end", end}};
  std::vector<Seed> seeds;
  for (const auto& [name, news] : reports) seeds.push_back({name, text_of(encode_report(news))});
  return seeds;
}

std::string text(const Bytes& bytes) { return {bytes.begin(), bytes.end()}; }

std::vector<Seed> idx() {
  const Bytes images = image_bytes({2, 2, 3}, {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 255});
  const Bytes labels = label_bytes({3, 1, 4, 1, 5});
  Bytes members = gzip(Bytes(labels.begin(), labels.begin() + 6));
  const Bytes second = gzip(Bytes(labels.begin() + 6, labels.end()));
  members.insert(members.end(), second.begin(), second.end());
  return {{"images", text(images)},
          {"images-gz", text(gzip(images))},
          {"labels", text(labels)},
          {"labels-two-members-gz", text(members)}};
}

// Users write these; the project only reads them.
std::vector<Seed> csv() {
  return {{"availability", "peer,from,to\n# a comment\n0,0,1.5\n3,2e-3,4\r\n0,2,3\n"},
          {"steps", "peer,step_ms\n0,1.5\n1,2\n"},
          {"steps-nth", "peer,nth,step_ms\n0,0,1.5\n0,1,1.25\n"}};
}

std::string checkpoint_text(std::vector<Buffer> buffers) {
  const InputFile file("seed.ckpt");
  write_checkpoint_file(file.holding({}), {.identity = {.scenario_digest = 11,
                                                        .kernels = "kernels",
                                                        .build = "build",
                                                        .inputs = "inputs"},
                                           .ordinal = 3,
                                           .snapshot = {"state", std::move(buffers)}});
  return contents(file.path());
}

std::vector<Seed> checkpoint() {
  return {{"empty", checkpoint_text({})},
          {"two-buffers", checkpoint_text({buffer_of("one"), buffer_of("another")})}};
}

std::string npy(std::string_view type, std::string_view shape, std::string_view data) {
  std::string header = "{'descr': '" + std::string(type) +
                       "', 'fortran_order': False, 'shape': " + std::string(shape) + ", }";
  header.append(63 - (10 + header.size()) % 64, ' ').append("\n");
  std::string file("\x93NUMPY\x01\0", 8);
  file.push_back(static_cast<char>(header.size() & 255));
  file.push_back(static_cast<char>(header.size() >> 8));
  return file.append(header).append(data);
}

// As numpy.save writes them, and users JSON.
std::vector<Seed> vectors() {
  const auto halves = std::bit_cast<std::array<char, 16>>(std::array<double, 2>{0.5, -1.0});
  const auto floats = std::bit_cast<std::array<char, 16>>(std::array<float, 4>{1, 2, 3, 4});
  return {{"float32", npy("<f4", "(2, 2)", {floats.data(), floats.size()})},
          {"float64", npy("<f8", "(1, 2)", {halves.data(), halves.size()})},
          {"json", R"({"vectors": [[1, 2.5e3, "nan"], ["inf", "-inf", -0.0]]})"}};
}

std::vector<Seed> scenario() {
  const auto resolved = [](std::string_view text) {
    return resolved_yaml(parse_scenario(text, "seed"));
  };
  return {{"small", resolved("{name: s, peers: 4, model: {kind: quadratic}}")},
          {"data", resolved("{name: s, peers: 3, topology: {kind: ring}, model: {kind: mlp}, "
                            "data: {kind: gaussian_mixture, partition: {kind: dirichlet}}}")},
          {"faults", resolved("{name: s, peers: 4, model: {kind: quadratic}, faults: [{at: 1s, "
                              "crash: [1]}, {at: 2s, partition: [[0, 1], [2, 3]], until: 3s}]}")}};
}

}  // namespace

std::vector<Seed> seeds_of(std::string_view target) {
  if (target == "wire") return wire();
  if (target == "report") return report();
  if (target == "idx") return idx();
  if (target == "csv") return csv();
  if (target == "checkpoint") return checkpoint();
  if (target == "vectors") return vectors();
  if (target == "scenario") return scenario();
  return {};
}

}  // namespace hearsay::fuzz
