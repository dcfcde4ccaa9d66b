/* The first process of the machine that `yocto/try-kernel` starts: it tries what the layer says is
 * not possible, prints what came of it, and switches off. Each line begins with "tried". */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

static const char *came(long result) { return result < 0 ? strerror(errno) : "done"; }

static void list(const char *what, const char *folder)
{
	DIR *open = opendir(folder);
	struct dirent *entry;

	printf("tried %s:", what);
	while (open && (entry = readdir(open)))
		if (entry->d_name[0] != '.')
			printf(" %s", entry->d_name);
	puts("");
}

static void print(const char *what, const char *path)
{
	char text[4096] = "";
	int file = open(path, O_RDONLY);

	if (file >= 0 && read(file, text, sizeof text - 1) >= 0)
		printf("tried %s: %s\n", what, text);
	else
		printf("tried %s: %s\n", what, strerror(errno));
}

static void sockets(void)
{
	static const struct { const char *name; int family, type; } all[] = {
		{ "inet", AF_INET, SOCK_STREAM }, { "inet6", AF_INET6, SOCK_STREAM }, { "packet", AF_PACKET, SOCK_RAW },
		{ "bluetooth", 31, SOCK_RAW }, { "can", 29, SOCK_RAW }, { "vsock", 40, SOCK_STREAM },
		{ "unix", AF_UNIX, SOCK_STREAM }, { "netlink", AF_NETLINK, SOCK_RAW },
	};

	for (size_t at = 0; at < sizeof all / sizeof *all; at++)
		printf("tried a socket of %s: %s\n", all[at].name, came(socket(all[at].family, all[at].type, 0)));
}

int main(void)
{
	char block[4096];
	long whole = 0;
	ssize_t length;
	int file;

	mount("proc", "/proc", "proc", 0, 0);
	mount("sysfs", "/sys", "sysfs", 0, 0);
	mount("securityfs", "/sys/kernel/security", "securityfs", 0, 0);
	printf("tried to be the first: %d\n", getpid());
	print("the mounts", "/proc/mounts");
	mount(0, "/", 0, MS_REMOUNT, 0);
	printf("tried to write to the root: %s\n", came(open("/new", O_CREAT | O_WRONLY, 0600)));
	printf("tried to write to its device: %s\n", came(open("/dev/dm-0", O_RDWR)));
	sockets();
	list("the interfaces", "/sys/class/net");
	print("the modules", "/proc/modules");
	printf("tried to load a module: %s\n", came(syscall(SYS_finit_module, 0, "", 0)));
	print("the lockdown", "/sys/kernel/security/lockdown");
	printf("tried landlock: %s\n", came(syscall(444, 0, 0, 1)));
	printf("tried to read memory: %s\n", came(open("/dev/mem", O_RDONLY)));
	printf("tried to mount the store: %s\n", came(mount("/dev/vda2", "/data", "ext4", MS_NOSUID, "errors=remount-ro,data=ordered")));
	printf("tried to mount the boot files: %s\n", came(mount("/dev/vda1", "/boot", "vfat", MS_RDONLY, "shortname=mixed")));
	list("the boot files", "/boot");
	file = open("/big", O_RDONLY);
	while ((length = read(file, block, sizeof block)) > 0)
		whole += length;
	printf("tried to read all of a file: %ld bytes, %s\n", whole, came(length));
	fflush(stdout);
	sync();
	return reboot(RB_POWER_OFF);
}
