/*
 * Keeps the process alive when a memif peer goes away. DPDK's driver (22.11 to 24.11) then unmaps the shared memory in
 * EAL's interrupt thread while another thread may be in the middle of a burst over it: SIGSEGV, which ends a JVM.
 *
 * The driver clears its "connected" flag first, so a burst that begins later does nothing. What is missing is to wait for
 * the bursts that have begun before. This file puts that wait into the driver's call of munmap:
 *
 *   data path                           interrupt thread
 *   in_burst = 1                        connected = 0                  (driver)
 *   connected? use the memory           wait until in_burst was 0 once (here)
 *   in_burst = 0                        munmap                         (driver's call)
 *
 * What the driver maps is noted on the way, for ix_memif_ring.c.
 */
#define _GNU_SOURCE
#include <elf.h>
#include <errno.h>
#include <link.h>
#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <rte_ethdev.h>

#include "ix_dpdk.h"
#include "ix_memif.h"

#if defined(__x86_64__)
#define JUMP_SLOT R_X86_64_JUMP_SLOT
#define GLOB_DAT R_X86_64_GLOB_DAT
#elif defined(__aarch64__)
#define JUMP_SLOT R_AARCH64_JUMP_SLOT
#define GLOB_DAT R_AARCH64_GLOB_DAT
#endif

struct ix_burst_mark ix_burst_marks[RTE_MAX_ETHPORTS][IX_QUEUES_MAX][2];
uint8_t ix_guarded_ports[RTE_MAX_ETHPORTS];

struct ix_memif_mapping ix_memif_mappings[IX_MAPPINGS_MAX];
uint32_t ix_memif_generation;

/* Of those that change the mappings. */
static pthread_mutex_t mappings_lock = PTHREAD_MUTEX_INITIALIZER;

/* Returns when every burst on a guarded port that was in progress has ended. */
static void
wait_for_bursts(void)
{
	for (unsigned int port = 0; port < RTE_MAX_ETHPORTS; port++) {
		if (!__atomic_load_n(&ix_guarded_ports[port], __ATOMIC_SEQ_CST))
			continue;
		for (unsigned int i = 0; i < 2 * IX_QUEUES_MAX; i++) {
			uint32_t *mark = &ix_burst_marks[port][i / 2][i % 2].bursts;
			uint32_t seen = __atomic_load_n(mark, __ATOMIC_SEQ_CST);
			/* Odd: in a burst. Any change after that means that it has ended. */
			while ((seen & 1) != 0 && __atomic_load_n(mark, __ATOMIC_SEQ_CST) == seen)
				sched_yield();
		}
	}
}

static void *
noted_mmap(void *address, size_t bytes, int protection, int flags, int fd, off_t offset)
{
	uint8_t *base = mmap(address, bytes, protection, flags, fd, offset);
	if (base == MAP_FAILED || (flags & MAP_SHARED) == 0 || bytes < sizeof(uint32_t))
		return base;
	pthread_mutex_lock(&mappings_lock);
	for (unsigned int i = 0; i < IX_MAPPINGS_MAX; i++) {
		struct ix_memif_mapping *mapping = &ix_memif_mappings[i];
		if (mapping->base != NULL)
			continue;
		mapping->bytes = bytes;
		mapping->is_server = *(const uint32_t *)base == IX_MEMIF_COOKIE;
		__atomic_store_n(&mapping->base, base, __ATOMIC_SEQ_CST);
		break;
	}
	__atomic_store_n(&ix_memif_generation, ix_memif_generation + 1, __ATOMIC_RELAXED);
	pthread_mutex_unlock(&mappings_lock);
	return base;
}

static int
guarded_munmap(void *address, size_t bytes)
{
	pthread_mutex_lock(&mappings_lock);
	for (unsigned int i = 0; i < IX_MAPPINGS_MAX; i++) {
		if (ix_memif_mappings[i].base == address)
			__atomic_store_n(&ix_memif_mappings[i].base, NULL, __ATOMIC_SEQ_CST);
	}
	wait_for_bursts(); /* that may learn of it */
	ix_memif_forget(address);
	wait_for_bursts(); /* that use it */
	pthread_mutex_unlock(&mappings_lock);
	return munmap(address, bytes);
}

struct module {
	ElfW(Addr) base;
	const ElfW(Dyn) *dynamic;
	int found;
	int bound_now;
};

static int
find_memif(struct dl_phdr_info *info, size_t size, void *argument)
{
	struct module *module = argument;
	(void)size;
	if (strstr(info->dlpi_name, "librte_net_memif.so") == NULL)
		return 0;
	module->base = info->dlpi_addr;
	for (int i = 0; i < info->dlpi_phnum; i++) {
		if (info->dlpi_phdr[i].p_type == PT_DYNAMIC)
			module->dynamic = (const ElfW(Dyn) *)(info->dlpi_addr + info->dlpi_phdr[i].p_vaddr);
	}
	module->found = module->dynamic != NULL;
	return 1;
}

/* Points one entry of the driver's table of imported functions here; the table is read-only after start-up (RELRO). */
static int
redirect(void **slot, void *to, int bound_now)
{
	uintptr_t page_bytes = (uintptr_t)sysconf(_SC_PAGESIZE);
	void *page = (void *)((uintptr_t)slot & ~(page_bytes - 1));
	if (*slot == to)
		return 0;
	if (mprotect(page, page_bytes, PROT_READ | PROT_WRITE) != 0)
		return -errno;
	__atomic_store_n(slot, to, __ATOMIC_SEQ_CST);
	/* Without BIND_NOW the loader still fills in other entries: the page was writable before and stays so. */
	return bound_now && mprotect(page, page_bytes, PROT_READ) != 0 ? -errno : 0;
}

static int
redirect_relocations(const struct module *module, const ElfW(Rela) *relocations, size_t bytes,
	const ElfW(Sym) *symbols, const char *strings, const char *name, void *to)
{
	for (size_t i = 0; i < bytes / sizeof(*relocations); i++) {
		unsigned long type = ELF64_R_TYPE(relocations[i].r_info);
		const ElfW(Sym) *symbol = &symbols[ELF64_R_SYM(relocations[i].r_info)];
		if ((type == JUMP_SLOT || type == GLOB_DAT) && strcmp(strings + symbol->st_name, name) == 0)
			return redirect((void **)(module->base + relocations[i].r_offset), to, module->bound_now);
	}
	return -ENOENT;
}

struct imports {
	const ElfW(Rela) *plt, *rela;
	size_t plt_bytes, rela_bytes;
	const ElfW(Sym) *symbols;
	const char *strings;
};

/* Has the driver call to instead of the function name. Returns 0, or -errno: -ENOENT when it imports none of that name. */
static int
redirect_import(const struct module *module, const struct imports *in, const char *name, void *to)
{
	int rc = in->plt == NULL ? -ENOENT
		: redirect_relocations(module, in->plt, in->plt_bytes, in->symbols, in->strings, name, to);
	if (rc == -ENOENT && in->rela != NULL)
		rc = redirect_relocations(module, in->rela, in->rela_bytes, in->symbols, in->strings, name, to);
	return rc;
}

/* Guards bursts on a memif port from now on. Returns 0, or -errno when the driver cannot be guarded. */
IX_EXPORT int
ix_memif_guard(uint16_t port)
{
	struct module module = { 0 };
	struct imports in = { 0 };
	int rc;

	dl_iterate_phdr(find_memif, &module);
	if (!module.found)
		return -ENOENT;
	for (const ElfW(Dyn) *d = module.dynamic; d->d_tag != DT_NULL; d++) {
		switch (d->d_tag) {
		case DT_JMPREL: in.plt = (const void *)d->d_un.d_ptr; break;
		case DT_PLTRELSZ: in.plt_bytes = d->d_un.d_val; break;
		case DT_RELA: in.rela = (const void *)d->d_un.d_ptr; break;
		case DT_RELASZ: in.rela_bytes = d->d_un.d_val; break;
		case DT_SYMTAB: in.symbols = (const void *)d->d_un.d_ptr; break;
		case DT_FLAGS: module.bound_now |= (d->d_un.d_val & DF_BIND_NOW) != 0; break;
		case DT_STRTAB: in.strings = (const void *)d->d_un.d_ptr; break;
		default: break;
		}
	}
	if (in.symbols == NULL || in.strings == NULL)
		return -ENOEXEC;
	rc = redirect_import(&module, &in, "munmap", (void *)(uintptr_t)guarded_munmap);
	if (rc != 0)
		return rc;
	/* Without it the driver moves the frames, as it does where the memory is not what it should be. */
	if (redirect_import(&module, &in, "mmap64", (void *)(uintptr_t)noted_mmap) != 0)
		(void)redirect_import(&module, &in, "mmap", (void *)(uintptr_t)noted_mmap);
	ix_memif_reset_counts(port);
	__atomic_store_n(&ix_guarded_ports[port], 1, __ATOMIC_SEQ_CST);
	return 0;
}

IX_EXPORT void
ix_memif_unguard(uint16_t port)
{
	__atomic_store_n(&ix_guarded_ports[port], 0, __ATOMIC_SEQ_CST);
}
