#include "runtime/base/status.h"
#include "runtime/hooks/core.h"
int layering(void);
int layering(void)
{
	return (int)axb_plat_cpu_id() + AXB_OK;
}
