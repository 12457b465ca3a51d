#include "node/protocols/live_sampling.hpp"

#include <gtest/gtest.h>

#include <map>

namespace hearsay {
namespace {

using Peers = std::vector<PeerId>;

class LiveSamplingOfPeer5 : public testing::Test {
 protected:
  // Whom it wants to ping now; remembers the pings' numbers.
  Peers pinged() {
    Peers peers;
    for (const PingRequest& ping : sampling_.take_pings()) {
      peers.push_back(ping.peer);
      pings_[ping.peer] = ping.id;
    }
    return peers;
  }

  bool pong(PeerId peer) { return sampling_.on_pong(peer, pings_.at(peer)); }
  void time_out(PeerId peer) { sampling_.on_timeout(pings_.at(peer)); }

  LiveSampling sampling_{5};
  std::map<PeerId, std::uint64_t> pings_;
};

TEST_F(LiveSamplingOfPeer5, PingsTheFirstWantedAndIsDoneWhenAllAreThere) {
  sampling_.start({3, 1, 8, 2}, 2);
  EXPECT_EQ(pinged(), (Peers{3, 1}));
  EXPECT_EQ(sampling_.awaited(), (Peers{1, 3}));
  EXPECT_TRUE(pong(1));
  EXPECT_FALSE(sampling_.take_result());
  EXPECT_TRUE(pong(3));
  EXPECT_EQ(sampling_.take_result(), (Peers{1, 3}));
  EXPECT_FALSE(sampling_.take_result()) << "once";
  EXPECT_TRUE(pinged().empty());
}

TEST_F(LiveSamplingOfPeer5, PingsTheNextForEachThatTimesOut) {
  sampling_.start({3, 1, 8, 2}, 2);
  pinged();
  time_out(3);
  EXPECT_EQ(pinged(), Peers{8});
  EXPECT_TRUE(pong(1));
  time_out(8);
  EXPECT_EQ(pinged(), Peers{2});
  EXPECT_TRUE(pong(2));
  EXPECT_EQ(sampling_.take_result(), (Peers{1, 2}));
}

TEST_F(LiveSamplingOfPeer5, FindsFewerWhenAllHaveBeenAsked) {
  sampling_.start({3, 1, 8}, 2);
  pinged();
  time_out(3);
  pinged();
  time_out(1);
  EXPECT_FALSE(sampling_.take_result()) << "8 may still answer";
  EXPECT_TRUE(pong(8));
  EXPECT_EQ(sampling_.take_result(), Peers{8});
}

TEST_F(LiveSamplingOfPeer5, CountsItselfAsThereWithoutAPing) {
  sampling_.start({3, 5, 8}, 2);
  EXPECT_EQ(pinged(), Peers{3});
  EXPECT_TRUE(pong(3));
  EXPECT_EQ(sampling_.take_result(), (Peers{5, 3}));
  sampling_.start({5}, 10);
  EXPECT_TRUE(pinged().empty());
  EXPECT_EQ(sampling_.take_result(), Peers{5}) << "the only candidate";
}

TEST_F(LiveSamplingOfPeer5, ComesToItselfByATimeout) {
  sampling_.start({3, 5}, 1);
  pinged();
  time_out(3);
  EXPECT_EQ(sampling_.take_result(), Peers{5});
}

TEST_F(LiveSamplingOfPeer5, IgnoresPongsThatAreLateOrNotThePingedPeers) {
  sampling_.start({3, 1, 8}, 1);
  pinged();
  EXPECT_FALSE(sampling_.on_pong(1, pings_.at(3)));
  EXPECT_FALSE(sampling_.on_pong(3, pings_.at(3) + 1));
  time_out(3);
  pinged();
  EXPECT_FALSE(pong(3)) << "after its timeout";
  time_out(3);
  EXPECT_TRUE(pinged().empty()) << "timed out already";
  EXPECT_FALSE(sampling_.take_result());
  EXPECT_TRUE(pong(1));
}

TEST_F(LiveSamplingOfPeer5, SaysWhoIsStillAwaitedByAPing) {
  sampling_.start({3, 1}, 2);
  pinged();
  EXPECT_EQ(sampling_.awaited_by(pings_.at(3)), 3);
  EXPECT_TRUE(pong(3));
  EXPECT_EQ(sampling_.awaited_by(pings_.at(3)), std::nullopt);
}

TEST_F(LiveSamplingOfPeer5, ForgetsTheFormerSearchOnStarting) {
  sampling_.start({3, 1}, 2);
  pinged();
  sampling_.start({8, 3}, 1);
  EXPECT_EQ(sampling_.awaited_by(pings_.at(1)), std::nullopt);
  EXPECT_FALSE(pong(3)) << "the answer to the former search";
  EXPECT_EQ(pinged(), Peers{8});
  EXPECT_TRUE(pong(8));
  EXPECT_EQ(sampling_.take_result(), Peers{8});
}

TEST_F(LiveSamplingOfPeer5, GoesOnWhereItWasSaved) {
  sampling_.start({3, 1, 8, 2}, 2);
  pinged();
  EXPECT_TRUE(pong(1));
  SavingArchive saving;
  saving(sampling_);
  const Snapshot saved = saving.take();
  sampling_ = LiveSampling(5);
  LoadingArchive loading(saved);
  loading(sampling_);
  loading.finish();
  time_out(3);
  EXPECT_EQ(pinged(), Peers{8});
  EXPECT_TRUE(pong(8));
  EXPECT_EQ(sampling_.take_result(), (Peers{1, 8}));
}

}  // namespace
}  // namespace hearsay
