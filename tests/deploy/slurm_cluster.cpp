#include "tests/deploy/slurm_cluster.hpp"

#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <set>
#include <stdexcept>
#include <string_view>

#include "scenarios/program.hpp"
#include "tests/deploy/free_ports.hpp"

namespace hearsay {
namespace {

namespace fs = std::filesystem;

constexpr std::array kNodes{"h1", "h2"};
constexpr int kPauseMs = 20;
constexpr int kPatienceMs = 30'000;

std::string text_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

std::string host_name() {
  std::array<char, 256> name{};
  gethostname(name.data(), name.size() - 1);
  return name.data();
}

bool is_there(const std::string& program) {
  return run_program({"sh", "-c", "command -v " + program}).exit_code == 0;
}

/// Processes whose environment has all of these settings.
std::vector<pid_t> processes_with(const std::vector<std::string>& settings) {
  std::vector<pid_t> found;
  for (const auto& entry : fs::directory_iterator("/proc")) {
    const std::string name = entry.path().filename();
    pid_t process = 0;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), process);
    if (error != std::errc{} || *end != '\0' || process == getpid()) continue;
    const std::string environment = '\0' + text_of(entry.path() / "environ");
    bool has_all = true;
    for (const std::string& setting : settings) {
      has_all = has_all && environment.find('\0' + setting + '\0') != std::string::npos;
    }
    if (has_all) found.push_back(process);
  }
  return found;
}

/// The fourth field of /proc/PID/stat, behind the name in brackets.
pid_t parent_of(pid_t process) {
  const std::string stat = text_of("/proc/" + std::to_string(process) + "/stat");
  const std::size_t name_end = stat.rfind(')');
  return name_end == std::string::npos ? 0 : std::atoi(stat.c_str() + name_end + 4);
}

template <class Condition>
void wait_until(const std::string& what, Condition holds) {
  for (int waited = 0; !holds(); waited += kPauseMs) {
    if (waited > kPatienceMs) throw std::runtime_error("in vain waited until " + what);
    poll(nullptr, 0, kPauseMs);
  }
}

}  // namespace

std::optional<std::string> SlurmCluster::obstacle() {
  if (geteuid() != 0) return "a Slurm cluster of its own needs root";
  for (const char* const program : {"slurmctld", "slurmd", "munged", "srun", "sbatch"}) {
    if (!is_there(program)) return std::string(program) + " is not installed";
  }
  return std::nullopt;
}

SlurmCluster::SlurmCluster() : configuration_(temporary_.path() / "slurm.conf") {
  // Munge wants nobody else to be able to write on the way to its socket, and all to reach it.
  chmod(temporary_.path().c_str(), 0755);
  start_munge();
  write_configuration();
  setenv("SLURM_CONF", configuration_.c_str(), 1);
  start("slurmctld", {"slurmctld", "-D"});
  for (const char* const node : kNodes) start_node(node);
  wait_for_nodes();
}

SlurmCluster::~SlurmCluster() {
  daemons_.signal_all(SIGTERM);
  const std::string setting = "SLURM_CONF=" + configuration_.string();
  for (const pid_t process : processes_with({setting})) kill(process, SIGKILL);
  unsetenv("SLURM_CONF");
}

void SlurmCluster::start(const std::string& name, const std::vector<std::string>& arguments) {
  // If the test is killed they go too.
  std::vector<std::string> words{"setpriv", "--pdeathsig", "KILL"};
  words.insert(words.end(), arguments.begin(), arguments.end());
  index_of_[name] = daemons_.start(
      {.name = name, .arguments = words, .log = temporary_.path() / (name + ".log")});
}

void SlurmCluster::start_munge() {
  const fs::path place = temporary_.path() / "munge";
  fs::create_directory(place);
  std::ifstream random("/dev/urandom", std::ios::binary);
  std::array<char, 1024> key{};
  random.read(key.data(), key.size());
  std::ofstream(place / "key", std::ios::binary).write(key.data(), key.size());
  fs::permissions(place / "key", fs::perms::owner_read);
  const auto option = [&](const char* name, const char* file) {
    return std::string("--") + name + "=" + (place / file).string();
  };
  start("munged",
        {"munged", "--foreground", "--force", option("socket", "socket"), option("key-file", "key"),
         option("pid-file", "pid"), option("log-file", "log"), option("seed-file", "seed")});
  wait_until("munge is there", [&] { return fs::exists(place / "socket"); });
}

void SlurmCluster::write_configuration() const {
  const std::string place = temporary_.path();
  const std::string host = host_name();
  const std::vector<int> ports = free_ports(1 + kNodes.size());
  std::ofstream file(configuration_);
  file << "ClusterName=lab\n"
       << "SlurmctldHost=" << host << "(127.0.0.1)\n"
       << "SlurmctldPort=" << ports[0] << "\n"
       << "SlurmUser=root\n"
       << "AuthType=auth/munge\n"
       // A job that begins again waits until its old credentials are void.
       << "AuthInfo=socket=" << place << "/munge/socket,cred_expire=5\n"
       << "StateSaveLocation=" << place << "/slurmctld\n"
       << "SlurmctldPidFile=" << place << "/slurmctld.pid\n"
       << "SlurmdSpoolDir=" << place << "/slurmd.%n\n"
       << "SlurmdPidFile=" << place << "/slurmd.%n.pid\n"
       << "ProctrackType=proctrack/linuxproc\n"
       << "TaskPlugin=task/none\n"
       << "SelectType=select/cons_tres\n"
       << "SelectTypeParameters=CR_Core\n"
       << "SchedulerParameters=batch_sched_delay=0,sched_interval=1\n"
       << "ReturnToService=2\n"
       << "MpiDefault=none\n"
       << "MailProg=/bin/true\n";
  for (std::size_t i = 0; i < kNodes.size(); ++i) {
    file << "NodeName=" << kNodes[i] << " NodeHostname=" << host
         << " NodeAddr=127.0.0.1 CPUs=1 State=UNKNOWN Port=" << ports[i + 1] << "\n";
    fs::create_directory(place + "/slurmd." + kNodes[i]);
  }
  file << "PartitionName=debug Nodes=ALL Default=YES MaxTime=INFINITE State=UP\n";
  fs::create_directory(place + "/slurmctld");
}

void SlurmCluster::start_node(const std::string& node) {
  start("slurmd." + node, {"slurmd", "-D", "-N", node});
}

void SlurmCluster::wait_for_nodes() const {
  wait_until("both nodes are idle", [] {
    return run_program({"sinfo", "--noheader", "--format=%t %D"}).out == "idle 2\n";
  });
}

void SlurmCluster::kill_node(const std::string& node) {
  const std::size_t daemon = index_of_.at("slurmd." + node);
  daemons_.kill(daemon);
  // What it has started are steps, whose daemons are children of nobody, and their tasks; these
  // first, or they would see their steps go.
  std::set<pid_t> steps;
  for (const pid_t task :
       processes_with({"SLURM_CONF=" + configuration_.string(), "SLURMD_NODENAME=" + node})) {
    steps.insert(parent_of(task));
    kill(task, SIGKILL);
  }
  for (const pid_t step : steps) {
    const std::string name = text_of("/proc/" + std::to_string(step) + "/comm");
    if (name.starts_with("slurmstepd")) kill(step, SIGKILL);
  }
}

void SlurmCluster::kill_task(int index) {
  for (const pid_t process : processes_with({"SLURM_CONF=" + configuration_.string(),
                                             "SLURM_ARRAY_TASK_ID=" + std::to_string(index)})) {
    kill(process, SIGKILL);
  }
}

void SlurmCluster::revive() {
  for (const char* const node : kNodes) {
    if (daemons_.exit_code(index_of_.at(std::string("slurmd.") + node))) start_node(node);
  }
  wait_for_nodes();
}

std::string SlurmCluster::logs() const {
  std::string text;
  for (const auto& [name, index] : index_of_) {
    text += "--- " + name + "\n" + text_of(daemons_.launch(index).log);
  }
  return text;
}

}  // namespace hearsay
