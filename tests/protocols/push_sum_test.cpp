#include "node/protocols/push_sum.hpp"

#include <gtest/gtest.h>

#include <array>
#include <limits>
#include <utility>
#include <vector>

namespace hearsay {
namespace {

ModelBuffer model_of(float value) { return ModelBuffer::copy_of(std::span(&value, 1)); }
double value_of(const ModelBuffer& model) { return model.empty() ? 0.0 : model.values()[0]; }

// Peers of a complete graph; peer i's link k leads to k or k + 1.
class Mesh {
 public:
  explicit Mesh(std::vector<float> values) : taken_(values.size()) {
    for (const float value : values) {
      peers_.emplace_back(values.size() - 1).start(model_of(value));
    }
    for (auto& row : taken_) row.resize(values.size());
  }

  std::size_t size() const { return peers_.size(); }
  PushSum& operator[](std::size_t i) { return peers_[i]; }
  static std::size_t link(std::size_t from, std::size_t to) { return to < from ? to : to - 1; }

  void give_to_all(std::size_t i) {
    std::vector<std::size_t> links(size() - 1);
    for (std::size_t k = 0; k < links.size(); ++k) links[k] = k;
    peers_[i].give(links);
  }

  void deliver(std::size_t from, std::size_t to, const RunningSum& sum) {
    if (!peers_[to].is_possible(link(to, from), sum.w)) return;
    peers_[to].take({{link(to, from), sum}});
    taken_[to][from] = sum;
  }

  // Of all peers, and under way, seen from outside.
  std::pair<double, double> mass() const {
    double x = 0.0;
    double w = 0.0;
    for (std::size_t i = 0; i < size(); ++i) {
      x += value_of(peers_[i].ratio()) * peers_[i].weight();
      w += peers_[i].weight();
      for (std::size_t j = 0; j < size(); ++j) {
        if (i == j) continue;
        const RunningSum& given = peers_[i].given(link(i, j));
        x += value_of(given.x) - value_of(taken_[j][i].x);
        w += given.w - taken_[j][i].w;
      }
    }
    return {x, w};
  }

 private:
  std::vector<PushSum> peers_;
  std::vector<std::vector<RunningSum>> taken_;  ///< [by][of].
};

TEST(PushSum, GivesEqualSharesAndKeepsOne) {
  Mesh mesh({9, 0, 0});
  mesh.give_to_all(0);
  EXPECT_DOUBLE_EQ(mesh[0].weight(), 1.0 / 3);
  EXPECT_FLOAT_EQ(static_cast<float>(value_of(mesh[0].ratio())), 9);
  EXPECT_FLOAT_EQ(static_cast<float>(value_of(mesh[0].given(1).x)), 3);
  EXPECT_DOUBLE_EQ(mesh[0].given(1).w, 1.0 / 3);
  mesh.deliver(0, 1, mesh[0].given(0));
  EXPECT_DOUBLE_EQ(mesh[1].weight(), 4.0 / 3);
  EXPECT_FLOAT_EQ(static_cast<float>(value_of(mesh[1].ratio())), 9.0F / 4) << "(0 + 3) / (4/3)";
}

TEST(PushSum, ALaterSumBringsWhatWasLost) {
  Mesh mesh({8, 0});
  mesh.give_to_all(0);
  const RunningSum lost = mesh[0].given(0);
  mesh.give_to_all(0);
  mesh.deliver(0, 1, mesh[0].given(0));
  EXPECT_DOUBLE_EQ(mesh[1].weight(), 1.0 + 0.5 + 0.25);
  EXPECT_FALSE(mesh[1].is_possible(0, lost.w)) << "overtaken";
  mesh.deliver(0, 1, mesh[0].given(0));
  EXPECT_DOUBLE_EQ(mesh[1].weight(), 1.75) << "a copy brings nothing";
}

TEST(PushSum, RefusesWeightsThatCannotBe) {
  const Mesh empty({1, 2});
  PushSum peer(1);
  peer.start(model_of(1));
  EXPECT_FALSE(peer.is_possible(0, -0.5));
  EXPECT_FALSE(peer.is_possible(0, std::numeric_limits<double>::quiet_NaN()));
  EXPECT_FALSE(peer.is_possible(0, std::numeric_limits<double>::infinity()));
  EXPECT_TRUE(peer.is_possible(0, 0.5));
}

TEST(PushSum, AddsADifferenceToItsMassNotToItsRatio) {
  Mesh mesh({8, 0});
  mesh.give_to_all(0);
  mesh[0].add_difference(model_of(5), model_of(8));
  // x = 4 - 3 = 1, w = 1/2.
  EXPECT_FLOAT_EQ(static_cast<float>(value_of(mesh[0].ratio())), 2);
}

TEST(PushSum, ARestartedLinkBeginsFromZero) {
  Mesh mesh({8, 0});
  mesh.give_to_all(0);
  mesh.deliver(0, 1, mesh[0].given(0));
  mesh[0].restart_link(0);
  EXPECT_EQ(mesh[0].given(0).w, 0.0);
  mesh[0].give(std::array<std::size_t, 1>{0});
  EXPECT_DOUBLE_EQ(mesh[0].given(0).w, 0.25);
}

// Whoever gives when, and whatever is lost, copied or overtaken.
TEST(PushSum, KeepsTheMassUnderAnyLossAndTendsToTheMean) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    Rng rng(seed);
    Mesh mesh({10, -3, 4, 7});
    std::vector<std::pair<std::array<std::size_t, 2>, RunningSum>> under_way;
    for (int step = 0; step < 2'000; ++step) {
      const std::size_t i = rng.below(mesh.size());
      if (rng.uniform() < 0.3) {
        std::vector<std::size_t> links;
        for (std::size_t k = 0; k + 1 < mesh.size(); ++k) {
          if (rng.uniform() < 0.7) links.push_back(k);
        }
        mesh[i].give(links);
        for (std::size_t j = 0; j < mesh.size(); ++j) {
          if (j == i || rng.uniform() < 0.2) continue;
          under_way.push_back({{i, j}, mesh[i].given(Mesh::link(i, j))});
          if (under_way.size() > 12) under_way.erase(under_way.begin());
        }
      } else if (!under_way.empty()) {
        const std::size_t k = rng.below(under_way.size());
        const auto [ends, sum] = under_way[k];
        if (rng.uniform() < 0.8) under_way.erase(under_way.begin() + static_cast<int>(k));
        mesh.deliver(ends[0], ends[1], sum);
      }
      const auto [x, w] = mesh.mass();
      ASSERT_NEAR(w, 4.0, 1e-9);
      ASSERT_NEAR(x, 18.0, 1e-4) << "float32 models";
    }
    for (std::size_t i = 0; i < mesh.size(); ++i) {
      EXPECT_NEAR(value_of(mesh[i].ratio()), 4.5, 1e-2);
    }
  }
}

}  // namespace
}  // namespace hearsay
