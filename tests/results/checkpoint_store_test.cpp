#include "results/checkpoint_store.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <array>
#include <csignal>
#include <fstream>
#include <stdexcept>

#include "node/base/digest.hpp"
#include "tests/data/error_message.hpp"
#include "tests/support/file_contents.hpp"
#include "tests/support/temporary_directory.hpp"

namespace hearsay {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;
using testing::UnorderedElementsAre;

const CheckpointIdentity kIdentity{0xabc, "x86-64-v3", "1.0+deadbeef", "a.csv 12"};

void put(const fs::path& path, const std::string& text) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << text;
}

// The file with another number at `at`.
std::string with_number(std::string file, std::size_t at, std::uint64_t number) {
  return file.replace(at, sizeof number, reinterpret_cast<const char*>(&number), sizeof number);
}

// The file with a digest that fits: what a careless or malicious writer might leave.
std::string resealed(const std::string& file) {
  const std::size_t body = file.size() - sizeof(Digest);
  return with_number(file, body, digest_text(std::string_view(file).substr(0, body)));
}

// What a run might save: a number, two handles to one model, a null one and another buffer.
struct State {
  std::uint64_t round = 0;
  ModelBuffer model;
  ModelBuffer sent;
  Buffer none;
  Buffer payload;
  void persist(Archive& archive) {
    archive.mark("state");
    archive(round, model, sent, none, payload);
  }
};

State state_of(std::uint64_t round) {
  const std::array<float, 2> values = {static_cast<float>(round), 0.5F};
  const std::string payload = "pay" + std::to_string(round);
  const ModelBuffer model = ModelBuffer::copy_of(values);
  return {round, model, model, Buffer(), Buffer::copy_of(std::as_bytes(std::span(payload)))};
}

Snapshot snapshot_of(std::uint64_t round) {
  State state = state_of(round);
  SavingArchive archive;
  archive(state);
  return archive.take();
}

State restored(const Snapshot& snapshot) {
  State state;
  LoadingArchive archive(snapshot);
  archive(state);
  archive.finish();
  return state;
}

class CheckpointStoreTest : public testing::Test {
 protected:
  fs::path path() const { return directory_.path() / "run" / "checkpoints"; }
  fs::path file(const std::string& name) const { return path() / name; }
  CheckpointStore store() const { return {path(), kIdentity}; }
  CheckpointSearch search() const { return store().load_newest(); }

  /// Checkpoints of rounds first..last, whose ordinals are the rounds.
  void write(std::uint64_t first, std::uint64_t last) const {
    CheckpointStore writer = store();
    for (std::uint64_t round = first; round <= last; ++round) {
      writer.write(snapshot_of(round), round);
    }
    writer.finish();
  }

  std::vector<std::string> names() const {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(path())) {
      names.push_back(entry.path().filename().string());
    }
    return names;
  }

  /// Why 000002.ckpt is refused with these contents; it is checked that 000001.ckpt is
  /// used then.
  std::string refusal_of(const std::string& bytes) const {
    put(file("000002.ckpt"), bytes);
    const CheckpointSearch result = search();
    if (!result.found || result.found->ordinal != 1 || result.refused.size() != 1) return "none";
    EXPECT_EQ(restored(result.found->snapshot).round, 1U);
    return result.refused[0];
  }

 private:
  TemporaryDirectory directory_;
};

TEST_F(CheckpointStoreTest, FindsNothingWhereNothingIs) {
  EXPECT_FALSE(search().found.has_value());
  EXPECT_THAT(search().refused, IsEmpty());
  EXPECT_FALSE(fs::exists(path()));
  fs::create_directories(path());
  EXPECT_FALSE(search().found.has_value());
}

TEST_F(CheckpointStoreTest, RestoresTheNewest) {
  write(7, 9);
  const CheckpointSearch result = search();
  ASSERT_TRUE(result.found.has_value());
  EXPECT_EQ(result.found->file, "checkpoints/000009.ckpt");
  EXPECT_EQ(result.found->ordinal, 9U);
  EXPECT_THAT(result.refused, IsEmpty());
  const State state = restored(result.found->snapshot);
  EXPECT_EQ(state.round, 9U);
  EXPECT_THAT(state.model.values(), ElementsAre(9.0F, 0.5F));
  EXPECT_EQ(state.payload.digest(), state_of(9).payload.digest());
}

TEST_F(CheckpointStoreTest, SharingSurvives) {
  write(1, 1);
  const CheckpointSearch result = search();
  EXPECT_EQ(result.found->snapshot.buffers.size(), 2U);
  const State state = restored(result.found->snapshot);
  EXPECT_TRUE(state.model.buffer().shares_with(state.sent.buffer()));
  EXPECT_TRUE(state.none.is_null());
}

TEST_F(CheckpointStoreTest, SaveLoadSaveGivesTheSameBytes) {
  write(1, 1);
  State state = restored(search().found->snapshot);
  SavingArchive archive;
  archive(state);
  CheckpointStore second(path().parent_path() / "second", kIdentity);
  second.write(archive.take(), 1);
  second.finish();
  EXPECT_EQ(contents(path().parent_path() / "second" / "000001.ckpt"),
            contents(file("000001.ckpt")));
}

TEST_F(CheckpointStoreTest, TheFileIsAsDocumented) {
  write(1, 1);
  const std::string bytes = contents(file("000001.ckpt"));
  // 10 numbers of header; 9 + 12 + 8 characters of identity; the snapshot's tag and 5
  // numbers; 2 lengths; 8 + 4 bytes of buffers; the digest.
  const std::size_t length = 10 * 8 + 9 + 12 + 8 + (4 + 5 * 8) + 2 * 8 + (8 + 4) + 8;
  ASSERT_EQ(bytes.size(), length);
  std::string header = "HEARSAYC" + std::string(72, '\0');
  const std::array<std::uint64_t, 9> numbers = {2, length, 1, 0xabc, 9, 12, 8, 44, 2};
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    header = with_number(header, 8 + 8 * i, numbers[i]);
  }
  EXPECT_EQ(bytes.substr(0, 80), header);
  EXPECT_EQ(bytes.substr(80, 29), "x86-64-v31.0+deadbeefa.csv 12");
  EXPECT_EQ(bytes.substr(length - 12, 4), "pay1");
  EXPECT_EQ(resealed(bytes), bytes);
}

TEST_F(CheckpointStoreTest, KeepsTheTwoNewest) {
  write(1, 1);
  EXPECT_THAT(names(), ElementsAre("000001.ckpt"));
  write(2, 5);
  EXPECT_THAT(names(), UnorderedElementsAre("000004.ckpt", "000005.ckpt"));
  write(1'234'567, 1'234'567);
  EXPECT_THAT(names(), UnorderedElementsAre("000005.ckpt", "1234567.ckpt"));
  EXPECT_EQ(search().found->ordinal, 1'234'567U);
}

TEST_F(CheckpointStoreTest, KeepsTheCheckpointThatItResumedFrom) {
  write(1, 2);
  fs::copy(file("000001.ckpt"), file("000000.ckpt"));
  put(file("000002.ckpt"), "torn");
  put(file("000009.ckpt"), "torn");
  CheckpointStore resumed = store();
  EXPECT_EQ(resumed.load_newest().found->ordinal, 1U);
  resumed.write(snapshot_of(3), 3);
  resumed.finish();
  EXPECT_THAT(names(), UnorderedElementsAre("000001.ckpt", "000003.ckpt"));
}

TEST_F(CheckpointStoreTest, UnfinishedFilesAreIgnoredAndRemovedByTheNextWrite) {
  write(1, 1);
  put(file("000002.ckpt.unfinished"), contents(file("000001.ckpt")));
  put(file("notes.txt"), "mine");
  put(file("12.ckpt"), "not a name of ours");
  EXPECT_EQ(search().found->ordinal, 1U);
  EXPECT_THAT(search().refused, IsEmpty());
  write(3, 3);
  EXPECT_THAT(names(), UnorderedElementsAre("000001.ckpt", "000003.ckpt", "notes.txt", "12.ckpt"));
}

TEST_F(CheckpointStoreTest, AFileCutAnywhereIsRefusedAndThePreviousOneUsed) {
  write(1, 2);
  const std::string whole = contents(file("000002.ckpt"));
  ASSERT_EQ(whole.size(), 189U);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const std::string expected = "checkpoints/000002.ckpt: cut short at " + std::to_string(size) +
                                 (size < 80 ? " bytes, within its header" : " of 189 bytes");
    EXPECT_EQ(refusal_of(whole.substr(0, size)), expected);
  }
  EXPECT_EQ(refusal_of(whole), "none");
}

TEST_F(CheckpointStoreTest, AFlippedBitAnywhereIsRefusedAndThePreviousOneUsed) {
  write(1, 2);
  const std::string whole = contents(file("000002.ckpt"));
  for (std::size_t at = 0; at < whole.size(); ++at) {
    for (const char flip : {'\x01', '\x80', '\xff'}) {
      std::string altered = whole;
      altered[at] = static_cast<char>(altered[at] ^ flip);
      EXPECT_THAT(refusal_of(altered), StartsWith("checkpoints/000002.ckpt: ")) << at;
    }
  }
}

TEST_F(CheckpointStoreTest, ALongerFileIsRefused) {
  write(1, 2);
  EXPECT_EQ(refusal_of(contents(file("000002.ckpt")) + "x"),
            "checkpoints/000002.ckpt: altered: it has 190 bytes, written were 189");
}

TEST_F(CheckpointStoreTest, AllRefusedFilesAreNamedNewestFirst) {
  write(1, 2);
  put(file("000001.ckpt"), "");
  put(file("000002.ckpt"), std::string(100, 'x'));
  const CheckpointSearch result = search();
  EXPECT_FALSE(result.found.has_value());
  EXPECT_THAT(result.refused,
              ElementsAre("checkpoints/000002.ckpt: not a checkpoint",
                          "checkpoints/000001.ckpt: cut short at 0 bytes, within its header"));
}

TEST_F(CheckpointStoreTest, AnotherFormatVersionIsRefused) {
  write(1, 2);
  EXPECT_EQ(refusal_of(resealed(with_number(contents(file("000002.ckpt")), 8, 1))),
            "checkpoints/000002.ckpt: of format version 1, this build reads version 2");
}

TEST_F(CheckpointStoreTest, ARenamedFileIsRefused) {
  write(1, 1);
  EXPECT_EQ(refusal_of(contents(file("000001.ckpt"))),
            "checkpoints/000002.ckpt: holds checkpoint 1");
}

TEST_F(CheckpointStoreTest, SizesAreCheckedBeforeMemoryIsTaken) {
  write(1, 2);
  const std::string whole = contents(file("000002.ckpt"));
  // Lengths of kernels, build, inputs and bytes, the number of buffers, the lengths of both. 2^60
  // bytes would end in std::bad_alloc or std::length_error if they were taken.
  for (const std::size_t at : {40U, 48U, 56U, 64U, 72U, 153U, 161U}) {
    for (const std::uint64_t size : {std::uint64_t{1} << 60, ~std::uint64_t{0}}) {
      EXPECT_EQ(refusal_of(resealed(with_number(whole, at, size))),
                "checkpoints/000002.ckpt: altered: its parts are longer than the file")
          << at;
    }
  }
  EXPECT_EQ(refusal_of(resealed(with_number(whole, 161, 3))),
            "checkpoints/000002.ckpt: altered: its parts are shorter than the file");
}

TEST_F(CheckpointStoreTest, AnotherScenarioKernelSetBuildOrInputIsTheUsersMistake) {
  write(1, 1);
  const auto error_with = [&](const CheckpointIdentity& identity) {
    return user_error_of([&] { CheckpointStore(path(), identity).load_newest(); });
  };
  EXPECT_EQ(error_with(kIdentity), "");
  EXPECT_THAT(error_with({0xdef, "x86-64-v3", "1.0+deadbeef", "a.csv 12"}),
              StartsWith("checkpoints/000001.ckpt: made for scenario 0000000000000abc, this "
                         "run's scenario is 0000000000000def"));
  EXPECT_EQ(error_with({0xabc, "x86-64-v4", "1.0+deadbeef", "a.csv 12"}),
            "checkpoints/000001.ckpt: made with kernels x86-64-v3, this run uses x86-64-v4; "
            "resume on the same kind of CPU or start with --portable-kernels");
  EXPECT_THAT(error_with({0xabc, "x86-64-v3", "1.1", "a.csv 12"}),
              StartsWith("checkpoints/000001.ckpt: made by build 1.0+deadbeef, this is build "
                         "1.1"));
  EXPECT_EQ(error_with({0xabc, "x86-64-v3", "1.0+deadbeef", "a.csv 34"}),
            "checkpoints/000001.ckpt: made with input files a.csv 12, this run reads a.csv 34; "
            "resume with the files that the run was started with");
}

TEST_F(CheckpointStoreTest, ASnapshotThatIsRefusedIsSkippedForThePreviousOne) {
  write(1, 2);
  const auto refuse_from = [&](std::uint64_t least) {
    CheckpointStore reader = store();
    return reader.load_newest([=](const Snapshot& snapshot) -> std::optional<std::string> {
      const std::uint64_t round = restored(snapshot).round;
      if (round < least) return std::nullopt;
      return "of round " + std::to_string(round);
    });
  };
  EXPECT_EQ(refuse_from(3).found->ordinal, 2U);
  EXPECT_EQ(refuse_from(2).found->ordinal, 1U);
  EXPECT_THAT(refuse_from(2).refused, ElementsAre("checkpoints/000002.ckpt: of round 2"));
  EXPECT_FALSE(refuse_from(1).found.has_value());
  EXPECT_EQ(refuse_from(1).refused.size(), 2U);
}

TEST_F(CheckpointStoreTest, RefusedCheckpointsCanBeRemoved) {
  write(1, 3);
  put(file("000004.ckpt"), "torn");
  CheckpointStore resumed = store();
  resumed.remove_refused();
  EXPECT_EQ(names().size(), 3U) << "nothing was loaded";
  ASSERT_EQ(resumed.load_newest().found->ordinal, 3U);
  resumed.remove_refused();
  EXPECT_THAT(names(), UnorderedElementsAre("000002.ckpt", "000003.ckpt"));
}

TEST_F(CheckpointStoreTest, NeededFilesAreBroughtToTheDiskFirst) {
  const fs::path rows = path().parent_path() / "metrics.csv";
  CheckpointStore writer = store();
  writer.write(snapshot_of(1), 1, {rows});
  EXPECT_THROW(writer.finish(), std::runtime_error) << "there is no such file";
  EXPECT_FALSE(search().found.has_value());
  fs::create_directories(rows.parent_path());
  put(rows, "round\n");
  writer.write(snapshot_of(2), 2, {rows});
  writer.finish();
  EXPECT_EQ(search().found->ordinal, 2U);
}

TEST_F(CheckpointStoreTest, AnAlteredIdentityIsNotTakenForAnother) {
  write(1, 2);
  std::string altered = contents(file("000002.ckpt"));
  altered[80] = 'y';
  EXPECT_THAT(refusal_of(altered), HasSubstr("altered: its digest is"));
}

TEST_F(CheckpointStoreTest, BuffersAreLetGoOnceWritten) {
  State state = state_of(1);
  state.sent = ModelBuffer();
  SavingArchive archive;
  archive(state);
  CheckpointStore writer = store();
  writer.write(archive.take(), 1);
  writer.finish();
  EXPECT_TRUE(state.model.is_writable());
}

TEST_F(CheckpointStoreTest, BuffersOfAllSizesComeBack) {
  // Below and above what the file joins into one write.
  Snapshot snapshot;
  for (const std::size_t size : {0U, 1U, 4095U, 300'000U, 0U, 2'000'001U, 5U}) {
    Buffer buffer = Buffer::allocate(size);
    for (std::size_t i = 0; i < size; ++i) buffer.writable()[i] = static_cast<std::byte>(i * i);
    snapshot.buffers.push_back(buffer);
  }
  CheckpointStore writer = store();
  writer.write(snapshot, 1);
  writer.finish();
  const CheckpointSearch result = search();
  ASSERT_EQ(result.found->snapshot.buffers.size(), snapshot.buffers.size());
  for (std::size_t i = 0; i < snapshot.buffers.size(); ++i) {
    EXPECT_EQ(result.found->snapshot.buffers[i].size(), snapshot.buffers[i].size());
    EXPECT_EQ(result.found->snapshot.buffers[i].digest(), snapshot.buffers[i].digest());
  }
}

TEST_F(CheckpointStoreTest, AFailureIsRethrownAtTheNextCall) {
  fs::create_directories(path().parent_path());
  put(path(), "a file in the directory's place");
  CheckpointStore writer = store();
  writer.write(snapshot_of(1), 1);
  EXPECT_THROW(writer.write(snapshot_of(2), 2), std::runtime_error);
  writer.finish();
  fs::remove(path());
  writer.write(snapshot_of(3), 3);
  writer.finish();
  EXPECT_THAT(names(), ElementsAre("000003.ckpt"));
}

// A limit on the length of files stands for a disk that is full.
class FileLimit {
 public:
  explicit FileLimit(rlim_t bytes) : former_handler_(std::signal(SIGXFSZ, SIG_IGN)) {
    ::getrlimit(RLIMIT_FSIZE, &former_);
    const rlimit limit{bytes, former_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FileLimit() {
    ::setrlimit(RLIMIT_FSIZE, &former_);
    std::signal(SIGXFSZ, former_handler_);
  }
  FileLimit(const FileLimit&) = delete;
  FileLimit& operator=(const FileLimit&) = delete;

 private:
  void (*former_handler_)(int);
  rlimit former_{};
};

TEST_F(CheckpointStoreTest, AFullDiskLeavesTheFormerCheckpoints) {
  write(1, 2);
  CheckpointStore writer = store();
  Snapshot large = snapshot_of(3);
  large.buffers.push_back(Buffer::allocate(2'000'000));
  std::string message;
  {
    const FileLimit limit(1'000'000);
    writer.write(std::move(large), 3);
    try {
      writer.finish();
    } catch (const std::runtime_error& error) {
      message = error.what();
    }
  }
  EXPECT_THAT(message, HasSubstr("checkpoints/000003.ckpt.unfinished: cannot be written: "));
  EXPECT_THAT(names(), UnorderedElementsAre("000001.ckpt", "000002.ckpt"));
  writer.write(snapshot_of(4), 4);
  writer.finish();
  EXPECT_THAT(names(), UnorderedElementsAre("000002.ckpt", "000004.ckpt"));
}

TEST_F(CheckpointStoreTest, OrdinalsMustAscend) {
  CheckpointStore writer = store();
  writer.write(snapshot_of(2), 2);
  writer.finish();
  EXPECT_DEATH(writer.write(snapshot_of(2), 2), "check failed");
}

}  // namespace
}  // namespace hearsay
