#include "node/protocols/push_sum.hpp"

#include <cmath>
#include <utility>

#include "node/base/check.hpp"
#include "node/protocols/linear.hpp"

namespace hearsay {
namespace {

void add(std::vector<Term>& terms, double factor, const ModelBuffer& vector) {
  if (!vector.empty()) terms.push_back({factor, &vector});
}

}  // namespace

void PushSum::start(ModelBuffer x) {
  x_ = std::move(x);
  w_ = 1.0;
  for (Link& link : links_) link = {};
}

void PushSum::restart_link(std::size_t link) { links_[link] = {}; }

ModelBuffer PushSum::ratio() const { return combine({{1.0 / w_, &x_}}); }

void PushSum::add_difference(const ModelBuffer& after, const ModelBuffer& before) {
  x_ = combine({{1.0, &x_}, {1.0, &after}, {-1.0, &before}});
}

void PushSum::give(std::span<const std::size_t> links) {
  if (links.empty()) return;
  const double share = 1.0 / static_cast<double>(links.size() + 1);
  std::vector<ModelBuffer> before;
  before.reserve(links.size());
  std::vector<Term> kept{{1.0, &x_}};
  const double w_given = share * w_;
  for (const std::size_t link : links) {
    RunningSum& sum = links_[link].given;
    std::vector<Term> grown{{share, &x_}};
    add(grown, 1.0, sum.x);
    before.push_back(std::exchange(sum.x, linear_combination(grown)));
    kept.push_back({-1.0, &sum.x});
    add(kept, 1.0, before.back());
    const double w_before = std::exchange(sum.w, sum.w + w_given);
    w_ -= sum.w - w_before;
  }
  x_ = linear_combination(kept);
}

bool PushSum::is_possible(std::size_t link, double w) const {
  return std::isfinite(w) && w >= links_[link].taken.w;
}

void PushSum::take(std::vector<Arrival> arrivals) {
  if (arrivals.empty()) return;
  std::vector<Term> terms{{1.0, &x_}};
  for (const Arrival& arrival : arrivals) {
    HEARSAY_CHECK(is_possible(arrival.link, arrival.sum.w));
    const RunningSum& taken = links_[arrival.link].taken;
    add(terms, 1.0, arrival.sum.x);
    add(terms, -1.0, taken.x);
    w_ += arrival.sum.w - taken.w;
  }
  x_ = linear_combination(terms);
  for (Arrival& arrival : arrivals) links_[arrival.link].taken = std::move(arrival.sum);
}

void PushSum::persist(Archive& archive) { archive(x_, w_, links_); }

}  // namespace hearsay
