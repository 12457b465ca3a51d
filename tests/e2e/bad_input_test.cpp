// Every mistake of a user: one line, exit code 2, nothing half-written.

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "tests/e2e/program.hpp"
#include "tests/support/temporary_directory.hpp"

namespace hearsay {
namespace {

constexpr const char* kQuickstart = HEARSAY_SOURCE_DIR "/scenarios/quickstart.yaml";

/// A mistake, and what the one line about it must contain.
struct Mistake {
  std::string name;
  std::vector<std::string> arguments;
  std::vector<std::string> says;
};

class BadInput : public testing::TestWithParam<Mistake> {
 protected:
  TemporaryDirectory temporary_;
};

TEST_P(BadInput, GivesOneLineExitCode2AndNoFiles) {
  const std::filesystem::path out = temporary_.path() / "out";
  std::vector<std::string> arguments{"run", kQuickstart, "--out", out};
  arguments.insert(arguments.end(), GetParam().arguments.begin(), GetParam().arguments.end());
  const ProgramResult result = run_hearsay(arguments);
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_EQ(std::ranges::count(result.err, '\n'), 1) << result.err;
  EXPECT_TRUE(result.err.starts_with("error: ")) << result.err;
  EXPECT_EQ(result.out, "");
  EXPECT_FALSE(std::filesystem::exists(out));
  for (const std::string& text : GetParam().says) {
    EXPECT_NE(result.err.find(text), std::string::npos) << text << " is not in: " << result.err;
  }
}

INSTANTIATE_TEST_SUITE_P(
    Mistakes, BadInput,
    testing::Values(
        Mistake{"UnknownKey", {"-c", "training.batchsize=3"}, {"batchsize", "batch_size"}},
        Mistake{"MisspeltRule", {"-c", "aggregator.kind=mixin"}, {"mixin", "mixing"}},
        Mistake{"WrongUnit", {"-c", "network.latency=20MB"}, {"network.latency", "20MB", "ms"}},
        Mistake{"MissingUnit", {"-c", "network.latency=20"}, {"network.latency", "20"}},
        Mistake{"OddRegularGraph",
                {"-c", "peers=15", "-c", "topology={kind: random_regular, degree: 3}"},
                {"3", "15", "odd"}},
        Mistake{"DegreeTooHigh",
                {"-c", "topology={kind: random_regular, degree: 16}"},
                {"degree", "16"}},
        Mistake{"MissingData", {"-c", "data.path=/nowhere"}, {"/nowhere", "apt-get install"}},
        Mistake{"DisconnectedGraph",
                {"-c", "topology={kind: erdos_renyi, probability: 1%}"},
                {"probability"}},
        Mistake{"MorePeersThanSamples", {"-c", "peers=70000"}, {"70000", "60000"}},
        Mistake{"WorkersOutOfRange", {"--workers", "0"}, {"--workers"}},
        Mistake{"UnknownTransport", {"--transport", "udp"}, {"--transport", "udp"}}),
    [](const auto& tested) { return tested.param.name; });

class BadFiles : public testing::Test {
 protected:
  // A data directory like the real one with the given file replaced.
  std::filesystem::path data_with(const std::string& name, const std::string& content) const {
    const std::filesystem::path data = temporary_.path() / "data";
    std::filesystem::create_directory(data);
    for (const auto& entry :
         std::filesystem::directory_iterator("/usr/share/datasets/fashion-mnist")) {
      if (entry.path().stem() == name) continue;
      std::filesystem::create_symlink(entry.path(), data / entry.path().filename());
    }
    std::ofstream(data / name, std::ios::binary) << content;
    return data;
  }

  static void expect_one_line(const ProgramResult& result, const std::string& text) {
    EXPECT_EQ(result.exit_code, 2);
    EXPECT_EQ(std::ranges::count(result.err, '\n'), 1) << result.err;
    EXPECT_NE(result.err.find(text), std::string::npos) << result.err;
  }

  TemporaryDirectory temporary_;
};

TEST_F(BadFiles, TruncatedIdxFile) {
  // Magic number and one of four header words.
  const std::filesystem::path data =
      data_with("train-images-idx3-ubyte", std::string("\0\0\x08\x03\0\0\xea\x60", 8));
  const std::filesystem::path out = temporary_.path() / "out";
  const ProgramResult result =
      run_hearsay({"run", kQuickstart, "--out", out, "-c", "data.path=" + data.string()});
  expect_one_line(result, "train-images-idx3-ubyte");
  EXPECT_FALSE(std::filesystem::exists(out));
}

TEST_F(BadFiles, UnwritableOutputDirectory) {
  std::ofstream(temporary_.path() / "file") << "not a directory";
  const std::filesystem::path out = temporary_.path() / "file" / "out";
  expect_one_line(run_hearsay({"run", kQuickstart, "--out", out}), out.string());
}

TEST_F(BadFiles, MissingScenario) {
  expect_one_line(run_hearsay({"run", "/nowhere.yaml"}), "/nowhere.yaml");
  expect_one_line(run_hearsay({"validate", temporary_.path()}), temporary_.path().string());
}

TEST_F(BadFiles, ErrorsInAFileNameLineAndColumn) {
  const std::filesystem::path path = temporary_.path() / "bad.yaml";
  std::ofstream(path) << "name: bad\npeers: 4\nmodel: {kind: quadratic, dimensions: 3}\n";
  expect_one_line(run_hearsay({"validate", path}), "bad.yaml:3:26: model.dimensions");
}

TEST(CommandLine, RefusesUnknownCommandsAndMissingArguments) {
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{}, {"simulate"}, {"run"}, {"list", "nothing"}}) {
    const ProgramResult result = run_hearsay(arguments);
    EXPECT_EQ(result.exit_code, 2);
    EXPECT_EQ(std::ranges::count(result.err, '\n'), 1) << result.err;
  }
}

}  // namespace
}  // namespace hearsay
