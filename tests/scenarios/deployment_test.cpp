#include "scenarios/deployment.hpp"

#include <gtest/gtest.h>

#include <string>

#include "node/base/error.hpp"

namespace hearsay {
namespace {

constexpr const char* kKeyA = "rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7";  // From zmq_curve(7).
constexpr const char* kKeyB = "Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hID";

Deployment sample() {
  Deployment deployment{.scenario = "s.yaml", .run = "r", .processes = {}};
  deployment.processes = {
      {.name = "a", .key = kKeyA, .address = "tcp://10.0.0.1:5000", .first_peer = 0, .peers = 3},
      {.name = "b", .key = kKeyB, .address = "", .first_peer = 3, .peers = 2}};
  return deployment;
}

std::string error_of(const Deployment& deployment) {
  try {
    parse_deployment(deployment_yaml(deployment), "d.yaml");
  } catch (const UserError& error) {
    return error.what();
  }
  return "";
}

TEST(Deployment, ReadsWhatItWrites) {
  EXPECT_EQ(parse_deployment(deployment_yaml(sample()), "d.yaml"), sample());
}

TEST(Deployment, KnowsWherePeersLive) {
  EXPECT_EQ(process_of_peer(sample(), 5, "d.yaml"), (std::vector<int>{0, 0, 0, 1, 1}));
  EXPECT_EQ(recorder_of(sample()), -1);
  Deployment recorded = sample();
  recorded.processes[0].peers = 0;
  EXPECT_EQ(recorder_of(recorded), 0);
  EXPECT_EQ(process_called(sample(), "b"), 1);
}

TEST(Deployment, RefusesPeersThatLiveNowhereOrTwice) {
  const auto error = [](const Deployment& deployment, int peers) -> std::string {
    try {
      process_of_peer(deployment, peers, "d.yaml");
    } catch (const UserError& wrong) {
      return wrong.what();
    }
    return "";
  };
  EXPECT_EQ(error(sample(), 6), "d.yaml: processes: peer 5 lives nowhere");
  EXPECT_EQ(error(sample(), 4),
            "d.yaml: processes[1].peers: there is no peer 4 (the scenario has 4, from 0)");
  Deployment twice = sample();
  twice.processes[1].first_peer = 2;
  EXPECT_EQ(error(twice, 5), "d.yaml: processes[1].peers: peer 2 already lives in a");
}

TEST(Deployment, RefusesNamesAndKeysThatAreNotUnique) {
  Deployment deployment = sample();
  deployment.processes[1].name = "a";
  EXPECT_NE(error_of(deployment).find("processes[1].name: \"a\" is there twice"),
            std::string::npos);
  deployment = sample();
  deployment.processes[1].key = kKeyA;
  EXPECT_NE(error_of(deployment).find("is the key of another process"), std::string::npos);
  deployment = sample();
  deployment.processes[1].key = "short";
  EXPECT_NE(error_of(deployment).find("is no public key"), std::string::npos);
  deployment.encrypted = false;
  EXPECT_EQ(error_of(deployment), "");
  deployment = sample();
  deployment.processes[0].peers = deployment.processes[1].peers = 0;
  EXPECT_NE(error_of(deployment).find("only one process keeps the record"), std::string::npos);
  deployment = sample();
  deployment.processes[0].name = "../a";
  EXPECT_NE(error_of(deployment).find("is no name of a process"), std::string::npos);
}

TEST(Deployment, NamesTheNearestProcess) {
  Deployment deployment = sample();
  deployment.processes[0].name = "alpha";
  try {
    process_called(deployment, "alhpa");
    FAIL() << "there is no such process";
  } catch (const UserError& error) {
    EXPECT_STREQ(error.what(), "--host: no process \"alhpa\"; did you mean alpha? valid: alpha, b");
  }
}

TEST(Deployment, BoundsParcelsByTheModels) {
  const EndpointOptions options = endpoint_options(sample(), 1, 7, std::size_t{1} << 20);
  EXPECT_EQ(options.self, 1);
  EXPECT_EQ(options.identity.scenario_digest, 7U);
  EXPECT_EQ(options.largest_parcel, std::size_t{10} << 20);  // 4 + 3 peers + 3 models.
  EXPECT_TRUE(options.secret_key.empty());
}

TEST(Deployment, BearsTheSilenceBetweenHeartbeats) {
  Deployment deployment = sample();
  EXPECT_EQ(endpoint_options(deployment, 1, 7, 4).silence.shortest, SimTime{2'000'000'000});
  deployment.heartbeat = {10'000'000'000};
  const EndpointOptions options = endpoint_options(deployment, 1, 7, 4);
  EXPECT_EQ(options.heartbeat, SimTime{10'000'000'000});
  EXPECT_EQ(options.silence.shortest, SimTime{40'000'000'000});
  EXPECT_EQ(options.silence.longest, SimTime{40'000'000'000});
}

}  // namespace
}  // namespace hearsay
