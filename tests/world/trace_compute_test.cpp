#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "node/base/error.hpp"
#include "node/world/compute_model.hpp"
#include "tests/support/temporary_directory.hpp"

namespace hearsay {
namespace {

class TraceCompute : public testing::Test {
 protected:
  std::unique_ptr<ComputeModel> make(const std::string& text, int peers) {
    std::ofstream(path_) << text;
    return make_compute(
        TraceComputeOptions{.file = path_.string(), .aggregation_time = SimTime{7'000}}, peers,
        Rng(1));
  }

  std::string error_in(const std::string& text, int peers) {
    try {
      make(text, peers);
    } catch (const UserError& error) {
      return std::string(error.what()).substr(path_.string().size());
    }
    return "";
  }

  TemporaryDirectory directory_;
  std::filesystem::path path_ = directory_.path() / "steps.csv";
};

void expect_steps(const ComputeModel& model, PeerId peer, const std::vector<double>& step_ms) {
  for (std::uint64_t nth = 0; nth < step_ms.size(); ++nth) {
    EXPECT_EQ(model.training_time(peer, 10, nth).seconds() * 100, step_ms[nth])
        << "peer " << peer << ", training " << nth;
  }
}

TEST_F(TraceCompute, GivesEachPeerItsRowsInOrderAndStartsOver) {
  const auto model = make("# t\npeer,step_ms\n1,4\n0,1\n0,2.5\n1,0\n0,8\n", 2);
  expect_steps(*model, 0, {1, 2.5, 8, 1, 2.5, 8, 1});
  expect_steps(*model, 1, {4, 0, 4, 0, 4});
  EXPECT_EQ(model->aggregation_time(1, 3), SimTime{7'000});
}

TEST_F(TraceCompute, MayNumberTheRows) {
  const auto model = make("peer,nth,step_ms\n0,0,1\n1,0,3\n0,1,2\n", 2);
  expect_steps(*model, 0, {1, 2, 1, 2});
  expect_steps(*model, 1, {3, 3});
}

TEST_F(TraceCompute, RefusesWrongFiles) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"peer,step_ms\n0,1\n2,1\n", ": no row for peer 1; each of the 3 peers needs one"},
      {"peer,step_ms\n", ": no row for peer 0; each of the 3 peers needs one"},
      {"peer,step_ms\n3,1\n", ":2: column peer: expected a peer, 0 to 2, got \"3\""},
      {"peer,step_ms\n0,-1\n",
       ":2: column step_ms: expected a finite number, at least 0, got \"-1\""},
      {"peer,step_ms\n0,1e13\n", ":2: column step_ms: must be below 9e9 seconds, got \"1e13\""},
      {"peer,nth,step_ms\n0,0,1\n0,2,1\n",
       ":3: column nth: expected 1, the next training of peer 0, got 2"},
      {"peer,nth,step_ms\n1,1,1\n",
       ":2: column nth: expected 0, the next training of peer 1, got 1"},
      {"peer,step\n",
       ":1: expected the header peer,step_ms or peer,nth,step_ms, got \"peer,step\""},
  };
  for (const auto& [text, expected] : cases) EXPECT_EQ(error_in(text, 3), expected) << text;
}

}  // namespace
}  // namespace hearsay
