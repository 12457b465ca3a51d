#include "node/net/own_address.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace hearsay {
namespace {

constexpr const char* kEverywhere = "tcp://0.0.0.0:7001";

TEST(OwnAddress, IsWhatTheDeploymentSaysIfItSays) {
  EXPECT_EQ(own_address("tcp://node-1:80", kEverywhere, {}), "tcp://node-1:80");
  EXPECT_EQ(own_address("tcp://node-1:*", kEverywhere, {}), "tcp://node-1:7001");
}

TEST(OwnAddress, IsWhereItListensIfThatIsOnePlace) {
  const std::vector<std::string> others{"tcp://127.0.0.1:1"};
  EXPECT_EQ(own_address("", "tcp://127.0.0.3:7001", others), "tcp://127.0.0.3:7001");
  EXPECT_EQ(own_address("", "ipc://there.sock", others), "ipc://there.sock");
}

TEST(OwnAddress, IsOnTheWayToTheOthersWhereItListensEverywhere) {
  const std::vector<std::string> others{"", "ipc://there.sock", "tcp://localhost:1"};
  EXPECT_EQ(own_address("", kEverywhere, others), "tcp://127.0.0.1:7001");
  EXPECT_EQ(own_address("", kEverywhere, {}), kEverywhere);
}

TEST(OwnHost, IsTheInterfaceThatLeadsToAHost) {
  EXPECT_EQ(own_host_towards("127.0.0.1"), "127.0.0.1");
  EXPECT_EQ(own_host_towards("no host has spaces"), std::nullopt);
}

TEST(Endpoints, AreTakenApart) {
  EXPECT_TRUE(has_open_port("tcp://node-1:*"));
  EXPECT_FALSE(has_open_port("tcp://node-1:5555"));
  EXPECT_FALSE(has_open_port("ipc://there:*"));
  EXPECT_EQ(host_of("tcp://node-1:5555"), "node-1");
  EXPECT_EQ(host_of("ipc://there.sock"), "");
}

}  // namespace
}  // namespace hearsay
