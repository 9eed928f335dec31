from django.http import JsonResponse
from django.urls import path

from guestbook.models import Guest


def guests(request):
    """Those who came; ?name=you is one more."""
    if name := request.GET.get("name"):
        Guest.objects.create(name=name[:80])
    return JsonResponse({"guests": list(Guest.objects.order_by("id").values_list("name", flat=True))})


urlpatterns = [path("", guests)]
