#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "node/base/archive.hpp"
#include "node/base/model_buffer.hpp"

namespace hearsay {

/// What a peer has given to another since the link began, in all: sent whole each time.
struct RunningSum {
  ModelBuffer x;  ///< Empty: zero.
  double w = 0.0;

  void persist(Archive& archive) { archive(x, w); }
};

/// One peer's part of a mass (x_i, w_i) that all peers hold together, w_i > 0, and of which
/// they give each other shares over links that lose messages. What is on link i -> j is
/// known from both ends: i's running sum sigma_ij less the running sum rho_ji that j has
/// taken last. So
///   sum_i (x_i, w_i) + sum_ij (sigma_ij - rho_ji)
/// never changes, whatever is lost, copied or overtaken: the next message that arrives
/// brings what was lost before. Ratios x_i / w_i tend to sum_i x_i / sum_i w_i.
/// Kempe, Dobra, Gehrke. Gossip-based computation of aggregate information. FOCS 2003
/// (push-sum); Hadjicostis, Vaidya, Dominguez-Garcia. Robust distributed average consensus
/// via exchange of running sums. IEEE TAC 61(6):1492-1507, 2016.
///
/// Vectors are float32, and what is given is what the rounded running sum has grown by, so
/// that nothing is lost by rounding but in x_i itself, where an error of half a unit in the
/// last place is made per step. Running sums grow with the number of steps K, and so does
/// the absolute error of a single share: about 6e-8 K |x| / (degree + 1), made up for by the
/// next one.
class PushSum {
 public:
  explicit PushSum(std::size_t num_links) : links_(num_links) {}

  /// x_i = x, w_i = 1; all links as if nothing had been given or taken yet.
  void start(ModelBuffer x);

  /// The other end has forgotten everything: sums start from zero in both directions, and
  /// what was under way is lost.
  void restart_link(std::size_t link);

  double weight() const { return w_; }
  std::size_t size() const { return x_.size(); }  ///< Of the vectors.

  /// x_i / w_i.
  ModelBuffer ratio() const;

  /// x_i <- x_i + after - before.
  void add_difference(const ModelBuffer& after, const ModelBuffer& before);

  /// Gives 1 / (1 + links.size()) of x_i and w_i over each of these links.
  void give(std::span<const std::size_t> links);

  /// sigma of a link, to be sent.
  const RunningSum& given(std::size_t link) const { return links_[link].given; }

  /// Whether a running sum heard over the link can be one: a finite weight that is no less
  /// than that taken last.
  bool is_possible(std::size_t link, double w) const;

  /// What has come over a link.
  struct Arrival {
    std::size_t link = 0;
    RunningSum sum;
  };

  /// Takes what the sums have grown by since the last ones taken, in the order given.
  /// REQUIRES: each is possible.
  void take(std::vector<Arrival> arrivals);

  void persist(Archive& archive);

 private:
  struct Link {
    RunningSum given;  ///< sigma.
    RunningSum taken;  ///< rho.

    void persist(Archive& archive) { archive(given, taken); }
  };

  ModelBuffer x_;
  double w_ = 1.0;
  std::vector<Link> links_;
};

}  // namespace hearsay
