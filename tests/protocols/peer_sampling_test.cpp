#include "node/protocols/peer_sampling.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <set>
#include <vector>

namespace hearsay {
namespace {

std::vector<PeerId> all_but(PeerId self, int peers) {
  std::vector<PeerId> others;
  for (PeerId peer = 0; peer < peers; ++peer) {
    if (peer != self) others.push_back(peer);
  }
  return others;
}

/// Peers that exchange views in turn, over a network that loses nothing.
class Community {
 public:
  Community(int peers, const PeerSamplingOptions& options) : alive_(peers, true) {
    for (PeerId peer = 0; peer < peers; ++peer) {
      // A line: each knows only the peers next to it at first.
      std::vector<PeerId> contacts;
      for (const PeerId other : {peer - 1, peer + 1}) {
        if (other >= 0 && other < peers) contacts.push_back(other);
      }
      services_.emplace_back(options, peer, all_but(peer, peers), rng_);
      Rng ignored(1);
      SavingArchive none;
      PeerSampling line(options, peer, contacts, ignored);
      line.persist(none);
      const Snapshot snapshot = none.take();
      LoadingArchive load(snapshot);
      services_.back().persist(load);
    }
  }

  void cycle() {
    for (std::size_t peer = 0; peer < services_.size(); ++peer) {
      if (!alive_[peer]) continue;
      const auto partner = services_[peer].take_partner(rng_);
      if (!partner || !alive_[static_cast<std::size_t>(*partner)]) continue;
      PeerSampling& other = services_[static_cast<std::size_t>(*partner)];
      const auto request = services_[peer].offer(rng_);
      const auto answer = other.offer(rng_);
      EXPECT_TRUE(other.merge(request, rng_));
      EXPECT_TRUE(services_[peer].merge(answer, rng_));
    }
  }

  void kill(std::size_t peer) { alive_[peer] = false; }

  std::vector<int> in_degrees() const {
    std::vector<int> degrees(services_.size(), 0);
    for (std::size_t peer = 0; peer < services_.size(); ++peer) {
      if (!alive_[peer]) continue;
      for (const SampledPeer& known : services_[peer].view()) {
        ++degrees[static_cast<std::size_t>(known.id)];
      }
    }
    return degrees;
  }

  const std::vector<PeerSampling>& services() const { return services_; }

 private:
  Rng rng_{7};
  std::vector<PeerSampling> services_;
  std::vector<bool> alive_;
};

TEST(PeerSampling, FirstViewIsARandomPartOfTheContacts) {
  std::vector<int> chosen(30, 0);
  for (int seed = 0; seed < 600; ++seed) {
    Rng rng(seed);
    const PeerSampling service({.view = 6}, 3, all_but(3, 30), rng);
    ASSERT_EQ(service.view().size(), 6U);
    for (const SampledPeer& peer : service.view()) ++chosen[static_cast<std::size_t>(peer.id)];
  }
  EXPECT_EQ(chosen[3], 0);
  for (PeerId peer = 0; peer < 30; ++peer) {
    // 600 * 6 / 29 = 124, standard deviation 10.
    if (peer != 3) EXPECT_NEAR(chosen[static_cast<std::size_t>(peer)], 124, 45) << peer;
  }
}

// c = 4, H = 1, S = 1. The view has 1 (5), 2 (0), 3 (9), 4 (2); 5 (0) and 2 (7) come. Of 2 the
// age 0 stays; five are one too many, so the oldest, 3, goes. All grow older.
TEST(PeerSampling, MergesByHandAsThePaperSays) {
  Rng rng(1);
  PeerSampling service({.view = 4, .healing = 1, .swapping = 1}, 0, all_but(0, 8), rng);
  SavingArchive saving;
  std::vector<SampledPeer> view = {{1, 5}, {2, 0}, {3, 9}, {4, 2}};
  saving(view);
  const Snapshot snapshot = saving.take();
  LoadingArchive loading(snapshot);
  service.persist(loading);
  EXPECT_EQ(service.view(), view);
  ASSERT_TRUE(service.merge(std::vector<SampledPeer>{{5, 0}, {2, 7}}, rng));
  EXPECT_EQ(service.view(), (std::vector<SampledPeer>{{1, 6}, {2, 1}, {4, 3}, {5, 1}}));
  // Without healing the first, which was sent, goes instead.
  EXPECT_EQ(service.take_partner(rng), 1);
  EXPECT_EQ(service.view().size(), 3U);
}

TEST(PeerSampling, OffersItselfAndHalfAViewButNotTheOldest) {
  Rng rng(1);
  PeerSampling service({.view = 8, .healing = 2}, 0, all_but(0, 9), rng);
  SavingArchive saving;
  std::vector<SampledPeer> view = {{1, 1}, {2, 90}, {3, 3}, {4, 80}, {5, 5}};
  saving(view);
  const Snapshot snapshot = saving.take();
  for (int seed = 0; seed < 20; ++seed) {
    LoadingArchive loading(snapshot);
    service.persist(loading);
    Rng draws(seed);
    const auto offered = service.offer(draws);
    ASSERT_EQ(offered.size(), 4U);
    EXPECT_EQ(offered[0], (SampledPeer{0, 0}));
    std::set<PeerId> others;
    for (const SampledPeer& peer : offered) others.insert(peer.id);
    EXPECT_EQ(others, (std::set<PeerId>{0, 1, 3, 5}));
  }
}

TEST(PeerSampling, RefusesWhatNoPeerWouldOffer) {
  Rng rng(1);
  PeerSampling service({.view = 6}, 0, all_but(0, 8), rng);
  const auto before = service.view();
  using Offer = std::vector<SampledPeer>;
  EXPECT_FALSE(service.merge(Offer{{8, 0}}, rng));
  EXPECT_FALSE(service.merge(Offer{{-1, 0}}, rng));
  EXPECT_FALSE(service.merge(Offer{{1, -1}}, rng));
  EXPECT_FALSE(service.merge(Offer{{1, 0}, {1, 2}}, rng));
  EXPECT_FALSE(service.merge(Offer{{1, 0}, {2, 0}, {3, 0}, {4, 0}}, rng));
  EXPECT_EQ(service.view(), before);
  EXPECT_TRUE(service.merge(Offer{{1, 0}, {0, 3}}, rng));
}

// From a line, where everybody knows two, to something like a random graph: all know c others,
// and nobody is known by many more than c.
TEST(PeerSampling, ALineBecomesNearlyARandomGraph) {
  Community community(200, {.view = 10, .healing = 1, .swapping = 4});
  for (int cycle = 0; cycle < 60; ++cycle) community.cycle();
  double distance = 0.0;
  for (PeerId peer = 0; peer < 200; ++peer) {
    const auto& view = community.services()[static_cast<std::size_t>(peer)].view();
    EXPECT_GE(view.size(), 9U);
    for (const SampledPeer& known : view) distance += std::abs(known.id - peer);
  }
  // Of two random peers on a line of n: n / 3 = 67 apart.
  EXPECT_NEAR(distance / 2000.0, 67.0, 12.0);
  const std::vector<int> degrees = community.in_degrees();
  EXPECT_LE(std::ranges::max(degrees), 25);
  EXPECT_GE(std::ranges::min(degrees), 1);
}

TEST(PeerSampling, ForgetsWhoIsGone) {
  Community community(100, {.view = 10, .healing = 2, .swapping = 3});
  for (int cycle = 0; cycle < 40; ++cycle) community.cycle();
  for (std::size_t peer = 0; peer < 100; peer += 2) community.kill(peer);
  const auto known_dead = [&] {
    int dead = 0;
    for (std::size_t peer = 0; peer < 100; peer += 2) dead += community.in_degrees()[peer];
    return dead;
  };
  EXPECT_GT(known_dead(), 150);
  for (int cycle = 0; cycle < 40; ++cycle) community.cycle();
  EXPECT_LT(known_dead(), 10);
}

}  // namespace
}  // namespace hearsay
